#include "actors/transport.hpp"

namespace assay::actors {

void transport_state::configure(transport::engine_options options) {
  engine_ = std::make_unique<transport::http_engine>(options);
}

transport_actor::behavior_type transport_state::make_behavior() {
  return {[this](exchange_ptr& call) { run(call); }, [this](stop_atom) { engine_.reset(); },
          [](internal_atom, std::uint64_t) {}};
}

void transport_state::run(exchange_ptr& call) {
  if (engine_)
    engine_->start(std::move(*call));
  else
    cancel(*call, call->admitted);
}

void cancel(transport::exchange& call, instant now) {
  exchange_result result;
  result.tried.error = {.kind = error_class::cancelled, .message = "the run was stopped"};
  result.tried.at.intended = call.intended;
  result.tried.at.admitted = call.admitted;
  result.tried.at.done = now;
  call.done(std::move(result));
}

transport_actor::behavior_type http_transport(
    transport_actor::stateful_pointer<transport_state> self, transport::engine_options options) {
  return begin_actor(self, options);
}

}  // namespace assay::actors
