#include "actors/monitor.hpp"

#include <algorithm>

namespace assay::actors {

using namespace std::chrono_literals;

void monitor_state::configure(monitor_config config) {
  config_ = std::move(config);
  latest_.providers.resize(config_.providers.size());
  self_->send(self_, internal_atom_v);
}

monitor_actor::behavior_type monitor_state::make_behavior() {
  return {[this](const record_batch& batch) { count(*batch); },
          [this](status_atom) { return latest_; }, [this](internal_atom) { ask_around(); }};
}

void monitor_state::count(const std::vector<record>& records) {
  for (const auto& r : records) {
    auto& c = latest_.counts[r.got.provider];
    auto limited = std::count_if(r.got.attempts.begin(), r.got.attempts.end(), [](const auto& a) {
      return a.error.kind == error_class::rate_limited || a.error.kind == error_class::ramp_limited;
    });
    if (!r.asked.is_step()) ++(r.got.status == outcome_status::error ? c.errors : c.done);
    c.attempts += r.got.attempts.size();
    c.rate_limited += limited;
    c.retries +=
        r.got.attempts.empty()
            ? 0
            : r.got.attempts.size() - 1 - std::min<std::size_t>(limited, r.got.attempts.size() - 1);
    for (const auto& tried : r.got.attempts) c.cost += tried.cost;
  }
}

void monitor_state::ask_around() {
  auto ignore = [](const caf::error&) {};  // a peer that is going down; the next tick asks again
  self_->request(config_.scheduler, within(1s), status_atom_v)
      .then([this](run_progress& p) { latest_.run = std::move(p); }, ignore);
  for (std::size_t i = 0; i < config_.providers.size(); ++i)
    self_->request(config_.providers[i], within(1s), status_atom_v)
        .then([this, i](provider_status& s) { latest_.providers[i] = std::move(s); }, ignore);
  self_->delayed_send(self_, config_.tick, internal_atom_v);
}

monitor_actor::behavior_type monitor(monitor_actor::stateful_pointer<monitor_state> self,
                                     monitor_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
