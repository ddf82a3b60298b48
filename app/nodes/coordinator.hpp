#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "actors/worker.hpp"
#include "app/run/session.hpp"
#include "messages/node_protocols.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::app {

struct coordinator_config {
  std::uint32_t places_here = 0;  ///< exchanges of an account that this process runs itself
  std::uint32_t programs_here = std::numeric_limits<std::uint32_t>::max();  ///< of a judge
  std::string secret;    ///< of the ledger: by it we know again what nodes were given
  duration returning{};  ///< `node_registry_config::returning`
  /// Whether nobody else can lead by now. While this is not sure no node is let in, and nothing is
  /// sent. Empty: it is.
  std::function<bool()> leads{};
};

/// A process that nodes join: the actors of its runs, the register of its nodes, and the door
/// through which they come. Runs come and go, nodes stay.
class coordinator {
 public:
  /// Opens the door at `nodes.listen` for nodes that can call these accounts. Problems: address,
  /// certificates.
  static expected<std::unique_ptr<coordinator>> open(const node_settings&,
                                                     const std::vector<actors::account_access_ptr>&,
                                                     coordinator_config);
  ~coordinator();

  /// The actors of runs live here.
  session_home home();
  std::uint16_t port() const;
  std::vector<node_status> nodes() const;

 private:
  struct parts;
  explicit coordinator(std::unique_ptr<parts>);
  std::unique_ptr<parts> parts_;
};

/// Every account that may be called: those of models that experiments, judges and extraction name.
/// A key that is not here may be at the nodes.
std::vector<actors::account_access_ptr> accounts_of(const settings&);

/// What a node must know of an account; with its key only where the keys are the coordinator's.
account_offer offer_of(const actors::account_access&, node_credentials);

}  // namespace assay::app
