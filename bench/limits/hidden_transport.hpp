#pragma once

#include <unordered_map>

#include "bench/limits/load.hpp"
#include "messages/protocols.hpp"
#include "providers/dialects/dialect.hpp"
#include "providers/simulated/admission.hpp"

namespace assay::bench {

/// What the server has seen; outlives its actor.
struct server_log {
  std::size_t refused = 0;
};

struct hidden_transport_config {
  scenario hidden;
  knowledge told;
  const load* work = nullptr;  ///< outlives the actor
  std::uint64_t seed = 1;
  std::shared_ptr<server_log> log;
};

/// Stands in for the HTTP engine: the network and the hidden limiter of a scenario, in virtual
/// time. A request's body is the position of its task. Cooperative.
class hidden_transport_state {
 public:
  static inline const char* name = "transport";
  explicit hidden_transport_state(transport_actor::pointer self) : self_(self) {}
  void configure(hidden_transport_config config);
  transport_actor::behavior_type make_behavior();

 private:
  enum class happens : std::uint64_t { arrival, first_byte, service_ends, answer };
  struct flight {
    exchange_ptr call;
    exchange_result result;
  };

  void run(const exchange_ptr&);
  void happen(std::uint64_t tag);
  void arrive(std::uint64_t id, flight&);
  void set_headers(attempt&, instant now);
  void end(std::uint64_t id);
  void stop();
  void after(duration, happens, std::uint64_t id);

  transport_actor::pointer self_;
  hidden_transport_config config_;
  std::optional<simulated::admission> limiter_;
  std::optional<network> network_;
  std::unordered_map<std::uint64_t, flight> flights_;
  std::uint64_t next_ = 0;
  bool stopped_ = false;
};

transport_actor::behavior_type hidden_transport(
    transport_actor::stateful_pointer<hidden_transport_state>, hidden_transport_config);

/// The dialect of such requests. Its `reader` is null.
const dialects::dialect& position_dialect();

}  // namespace assay::bench
