#pragma once

#include "messages/protocols.hpp"
#include "providers/catalog/credentials.hpp"
#include "providers/dialects/dialect.hpp"

namespace assay::actors {

/// Everything needed to call one provider account.
struct account_access {
  provider_settings settings;
  const dialects::dialect* dialect = nullptr;
  catalog::secret key;
  std::map<std::string, price_table> prices;  ///< by model name as declared
};
using account_access_ptr = std::shared_ptr<const account_access>;

struct worker_config {
  account_access_ptr access;
  transport_actor transport;
  caller_actor caller;
};

/// Runs one exchange at a time: builds the request and hands it to the transport, which reports the
/// result to the caller (a provider, or the workshop of a node).
/// Cooperative; spawned by its caller, which keeps it for the next assignment.
class worker_state {
 public:
  static inline const char* name = "worker";
  explicit worker_state(worker_actor::pointer self) : self_(self) {}
  void configure(worker_config config) { config_ = std::move(config); }
  worker_actor::behavior_type make_behavior();

  void send(const assignment&);

 private:
  worker_actor::pointer self_;
  worker_config config_;
};

worker_actor::behavior_type worker(worker_actor::stateful_pointer<worker_state>, worker_config);

}  // namespace assay::actors
