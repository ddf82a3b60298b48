#pragma once

#include <memory>

#include "messages/protocols.hpp"
#include "providers/transport/http_engine.hpp"

namespace assay::actors {

/// Owns the HTTP engine (sockets and event loops). Its handlers only pass commands to the loops.
class transport_state {
 public:
  static inline const char* name = "transport";
  explicit transport_state(transport_actor::pointer) {}
  void configure(transport::engine_options options);
  transport_actor::behavior_type make_behavior();

  void run(exchange_ptr& call);

 private:
  std::unique_ptr<transport::http_engine> engine_;
};

transport_actor::behavior_type http_transport(transport_actor::stateful_pointer<transport_state>,
                                              transport::engine_options);

/// Ends an exchange that no engine will run any more.
void cancel(transport::exchange& call, instant now);

}  // namespace assay::actors
