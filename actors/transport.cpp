#include "actors/transport.hpp"

namespace assay::actors {

void transport_state::configure(transport::engine_options options) {
  engine_ = std::make_unique<transport::http_engine>(options);
}

transport_actor::behavior_type transport_state::make_behavior() {
  return {[this](exchange_ptr& call) { run(call); },
          [this](cancel_atom, std::uint64_t ticket) { call_off(ticket); },
          [this](stop_atom) { engine_.reset(); },
          [this](internal_atom, std::uint64_t ticket) { tickets_.erase(ticket); }};
}

void transport_state::run(exchange_ptr& call) {
  if (!engine_) return cancel(*call, call->admitted);
  auto ticket = call->ticket;
  if (ticket != 0)
    call->done = [done = std::move(call->done), me = transport_actor{self_},
                  ticket](exchange_result result) {
      caf::anon_send(me, internal_atom_v, ticket);
      done(std::move(result));
    };
  auto id = engine_->start(std::move(*call));
  if (ticket != 0) tickets_[ticket] = id;
}

void transport_state::call_off(std::uint64_t ticket) {
  auto found = tickets_.find(ticket);
  if (found != tickets_.end() && engine_) engine_->cancel(found->second);
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
