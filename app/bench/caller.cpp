#include "app/bench/caller.hpp"

#include "actors/transport.hpp"

namespace assay::bench {

using namespace std::chrono_literals;

namespace {

constexpr auto answer_within = 2s;

}  // namespace

caller::caller(caf::actor_system& system, actors::round_caller_config config, bool here)
    : self_(system) {
  if (here)
    transport_ = config.transport =
        self_->spawn(actors::http_transport, transport::engine_options{});
  caller_ = self_->spawn(actors::round_caller, std::move(config));
}

caller::~caller() {
  self_->monitor(caller_);
  self_->send_exit(caller_, caf::exit_reason::user_shutdown);
  self_->receive([](const caf::down_msg&) {}, caf::after(answer_within) >> [] {});
  if (transport_) self_->send_exit(transport_, caf::exit_reason::user_shutdown);
}

rounds_status caller::status() {
  rounds_status s;
  self_->request(caller_, within(answer_within), status_atom_v)
      .receive([&](const rounds_status_ptr& now) { s = *now; }, [](const caf::error&) {});
  return s;
}

std::vector<round_request> caller::take() {
  std::vector<round_request> ended;
  self_->request(caller_, within(answer_within), return_atom_v)
      .receive([&](const round_requests_ptr& all) { ended = *all; }, [](const caf::error&) {});
  return ended;
}

void caller::begin(round_plan plan) {
  self_->send(caller_, std::make_shared<const round_plan>(std::move(plan)));
}

void caller::drain(const std::string& why) { self_->send(caller_, drain_atom_v, why); }

void caller::stop() { self_->send(caller_, stop_atom_v); }

}  // namespace assay::bench
