#include "bench/limits/hidden_transport.hpp"

#include <algorithm>
#include <cmath>

#include "actors/transport.hpp"

namespace assay::bench {

namespace {

constexpr std::uint64_t kinds = 4;

class positions final : public dialects::dialect {
 public:
  std::string_view name() const override { return "positions"; }
  expected<http_request> request(const chat_request& asked, const provider_settings&,
                                 std::string_view) const override {
    http_request made;
    made.body = asked.messages.front().content;
    return made;
  }
  expected<http_request> list_models(const provider_settings& account,
                                     std::string_view) const override {
    return fail(account.name, "has no list of models");
  }
  std::unique_ptr<dialects::answer_reader> reader(const chat_request&) const override {
    return nullptr;
  }
};

}  // namespace

const dialects::dialect& position_dialect() {
  static const positions only;
  return only;
}

void hidden_transport_state::configure(hidden_transport_config config) {
  config_ = std::move(config);
  limiter_.emplace(config_.hidden.server, self_->clock().now(), config_.hidden.habits);
  network_.emplace(config_.hidden.around, config_.seed * 7 + 3);
}

transport_actor::behavior_type hidden_transport_state::make_behavior() {
  return {[this](exchange_ptr& call) { run(call); }, [](cancel_atom, std::uint64_t) {},
          [this](stop_atom) { stop(); }, [this](internal_atom, std::uint64_t tag) { happen(tag); }};
}

void hidden_transport_state::after(duration d, happens what, std::uint64_t id) {
  self_->delayed_send(self_, d, internal_atom_v, id * kinds + static_cast<std::uint64_t>(what));
}

void hidden_transport_state::run(const exchange_ptr& call) {
  const auto now = self_->clock().now();
  if (stopped_) return actors::cancel(*call, now);
  const auto id = next_++;
  auto& f = flights_[id];
  f.call = call;
  auto& at = f.result.tried.at;
  at.intended = call->intended;
  at.admitted = call->admitted;
  at.sent = now;
  after(network_->one_way(), happens::arrival, id);
}

void hidden_transport_state::happen(std::uint64_t tag) {
  const auto what = static_cast<happens>(tag % kinds);
  if (what == happens::service_ends) return limiter_->release();
  const auto found = flights_.find(tag / kinds);
  if (found == flights_.end()) return;
  auto& f = found->second;
  if (what == happens::arrival) return arrive(found->first, f);
  if (what == happens::answer) return end(found->first);
  f.result.tried.at.first_byte = self_->clock().now();
  if (f.call->begun && !f.result.tried.limits.empty())
    f.call->begun({f.result.tried.limits, f.result.tried.at.sent});
}

void hidden_transport_state::arrive(std::uint64_t id, flight& f) {
  const auto now = self_->clock().now();
  auto& tried = f.result.tried;
  const auto no = limiter_->ask({}, now);
  set_headers(tried, now);
  if (no) {
    ++config_.log->refused;
    tried.http_status = 429;
    tried.error.kind = error_class::rate_limited;
    if (config_.told != knowledge::blind && no->retry_after)
      tried.error.retry_after = std::chrono::ceil<milliseconds>(*no->retry_after);
    return after(network_->one_way(), happens::answer, id);
  }
  tried.http_status = 200;
  const auto service = config_.work->service[std::stoul(f.call->request.body)];
  tried.usage.input = 10;
  tried.usage.output = static_cast<std::int64_t>(std::llround(50 * seconds(service)));
  const auto head =
      std::min(from_seconds(config_.hidden.around.head_after_s), service) + network_->one_way();
  after(service, happens::service_ends, id);
  after(head, happens::first_byte, id);
  after(std::max(head, service + network_->one_way()), happens::answer, id);
}

void hidden_transport_state::set_headers(attempt& tried, instant now) {
  if (config_.told != knowledge::headers) return;
  for (const auto& l : limiter_->levels(now, {}))
    tried.limits.push_back({l.counts, l.limit, std::floor(l.remaining),
                            std::chrono::ceil<milliseconds>(l.reset), std::nullopt});
}

void hidden_transport_state::end(std::uint64_t id) {
  auto over = std::move(flights_[id]);
  flights_.erase(id);
  auto& at = over.result.tried.at;
  at.done = self_->clock().now();
  if (at.first_byte == instant{}) at.first_byte = at.done;
  over.call->done(std::move(over.result));
}

void hidden_transport_state::stop() {
  stopped_ = true;
  for (auto& [id, over] : std::exchange(flights_, {}))
    actors::cancel(*over.call, self_->clock().now());
}

transport_actor::behavior_type hidden_transport(
    transport_actor::stateful_pointer<hidden_transport_state> self,
    hidden_transport_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::bench
