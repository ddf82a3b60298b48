#pragma once

#include <memory>
#include <unordered_map>

#include "messages/protocols.hpp"
#include "providers/transport/http_engine.hpp"

namespace assay::actors {

/// Owns the HTTP engine (sockets and event loops). Its handlers only pass commands to the loops.
class transport_state {
 public:
  static inline const char* name = "transport";
  explicit transport_state(transport_actor::pointer self) : self_(self) {}
  void configure(transport::engine_options options);
  transport_actor::behavior_type make_behavior();

  void run(exchange_ptr& call);
  void call_off(std::uint64_t ticket);

 private:
  transport_actor::pointer self_;
  std::unique_ptr<transport::http_engine> engine_;
  std::unordered_map<std::uint64_t, std::uint64_t> tickets_;  ///< under way -> the engine's number
};

transport_actor::behavior_type http_transport(transport_actor::stateful_pointer<transport_state>,
                                              transport::engine_options);

/// Ends an exchange that no engine will run any more.
void cancel(transport::exchange& call, instant now);

}  // namespace assay::actors
