#include "actors/worker.hpp"

#include "providers/transport/http_engine.hpp"

namespace assay::actors {

worker_actor::behavior_type worker_state::make_behavior() {
  return {[this](const assignment& a) { send(a); }};
}

void worker_state::send(const assignment& a) {
  const auto& access = *config_.access;
  auto request = access.dialect->request(a.request, access.settings, access.key.reveal());
  if (!request) {
    exchange_result refused;
    refused.tried.error = {.kind = error_class::bad_request, .message = render(request.error())};
    refused.tried.at.intended = a.intended;
    refused.tried.at.admitted = refused.tried.at.done = a.admitted;
    self_->send(config_.caller, a.permit, std::move(refused));
    return;
  }
  auto call = std::make_shared<transport::exchange>();
  call->request = std::move(*request);
  call->reader = access.dialect->reader(a.request);
  call->limits = access.settings.limits_of_time;
  call->proxy = access.settings.proxy;
  call->ca_file = access.settings.ca_file;
  call->secret = access.key.reveal();
  call->new_connection = a.new_connection;
  call->intended = a.intended;
  call->admitted = a.admitted;
  if (a.may_be_called_off) call->ticket = a.permit;
  if (a.wants_headers)
    call->begun = [to = config_.caller, permit = a.permit](early_headers early) {
      caf::anon_send(to, permit, std::move(early));
    };
  call->done = [to = config_.caller, permit = a.permit](exchange_result result) {
    caf::anon_send(to, permit, std::move(result));
  };
  self_->send(config_.transport, std::move(call));
}

worker_actor::behavior_type worker(worker_actor::stateful_pointer<worker_state> self,
                                   worker_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
