#include "actors/simulated_transport.hpp"

#include <algorithm>

#include "actors/transport.hpp"

namespace assay::actors {

namespace {

/// Marks the timer of an exchange that tells of its headers, not of its end.
constexpr std::uint64_t only_headers = std::uint64_t{1} << 63;

struct host_and_path {
  std::string host;
  std::string path;
};

host_and_path split_url(const std::string& url) {
  auto host = url.find("://");
  host = host == std::string::npos ? 0 : host + 3;
  auto path = url.find('/', host);
  if (path == std::string::npos) return {url.substr(host), "/"};
  return {url.substr(host, path - host), url.substr(path)};
}

}  // namespace

simulated_transport_state::~simulated_transport_state() {
  for (auto& [id, over] : under_way_)
    if (over.slot_of) over.slot_of->release(config_.address);
}

transport_actor::behavior_type simulated_transport_state::make_behavior() {
  return {[this](exchange_ptr& call) { run(call); },
          [this](cancel_atom, std::uint64_t ticket) { call_off(ticket); },
          [this](stop_atom) { stop(); }, [this](internal_atom, std::uint64_t id) { deliver(id); }};
}

void simulated_transport_state::run(const exchange_ptr& call) {
  auto now = self_->clock().now();
  auto [host, path] = split_url(call->request.url);
  auto found = config_.services.find(host);
  if (stopped_ || found == config_.services.end()) {
    cancel(*call, now);
    return;
  }
  auto handled = found->second->handle(call->request.method, path, call->request.headers,
                                       call->request.body, now, config_.address);
  if (config_.log) config_.log(host, handled.log);
  auto played = simulated::play(handled.what, *call->reader, call->limits, now);
  played.result.tried.at.intended = call->intended;
  played.result.tried.at.admitted = call->admitted;
  if (config_.slower) delay(host, played, now);
  auto id = next_++;
  if (call->begun && !played.result.tried.limits.empty())
    self_->delayed_send(self_, played.result.tried.at.first_byte - now, internal_atom_v,
                        id | only_headers);
  under_way_.emplace(
      id, pending{call, std::move(played.result), handled.holds_slot ? found->second : nullptr});
  self_->delayed_send(self_, played.ends - now, internal_atom_v, id);
}

/// Everything after the request comes so much later.
void simulated_transport_state::delay(const std::string& host, simulated::played& played,
                                      instant now) {
  auto later = config_.slower(host, now, draw());
  auto& at = played.result.tried.at;
  for (auto* moment : {&at.first_byte, &at.first_event, &at.first_reasoning, &at.first_content,
                       &at.last_content, &at.done})
    if (*moment != instant{}) *moment += later;
  played.ends += later;
}

void simulated_transport_state::deliver(std::uint64_t id) {
  auto found = under_way_.find(id & ~only_headers);
  if (found == under_way_.end()) return;
  if (id & only_headers) {
    const auto& tried = found->second.result.tried;
    return found->second.call->begun({tried.limits, tried.at.sent});
  }
  auto over = std::move(found->second);
  under_way_.erase(found);
  if (over.slot_of) over.slot_of->release(config_.address);
  if (draw() >= config_.lost_reports) over.call->done(std::move(over.result));
}

void simulated_transport_state::call_off(std::uint64_t ticket) {
  auto found = std::find_if(under_way_.begin(), under_way_.end(), [&](const auto& entry) {
    return ticket != 0 && entry.second.call->ticket == ticket;
  });
  if (found == under_way_.end()) return;
  auto over = std::move(found->second);
  under_way_.erase(found);
  if (over.slot_of) over.slot_of->release(config_.address);
  cancel(*over.call, self_->clock().now());
}

void simulated_transport_state::stop() {
  stopped_ = true;
  for (auto& [id, over] : std::exchange(under_way_, {})) {
    if (over.slot_of) over.slot_of->release(config_.address);
    cancel(*over.call, self_->clock().now());
  }
}

transport_actor::behavior_type simulated_transport(
    transport_actor::stateful_pointer<simulated_transport_state> self,
    simulated_transport_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
