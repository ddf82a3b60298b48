#include "actors/result_watcher.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

namespace assay::actors {

namespace {

using analysis::watch_state;

std::string field(const char* key, const std::string& value) {
  if (value.empty()) return {};
  auto quote = value.find(' ') != std::string::npos ? "\"" : "";
  return fmt::format(" {}={}{}{}", key, quote, value, quote);
}

std::string line_of(const analysis::watched_run::change& c) {
  const auto& found = c.what.finding;
  return "noticed" + field("figure", c.what.figure) +
         field("state", std::string(to_string(found.state))) + field("model", c.where.model) +
         field("dataset", c.where.dataset) + field("prompt", c.where.prompt) +
         field("judge", c.what.judge) + field("place", c.what.place) +
         fmt::format(" before={:.3g} now={:.3g} n={}", found.before, found.now, found.now_n) +
         field("since_sample", found.since) + fmt::format(" p={:.1e}", found.p);
}

}  // namespace

void result_watcher_state::configure(result_watcher_config config) {
  watched_ = std::make_unique<analysis::watched_run>(config.rule, std::move(config.judges),
                                                     std::move(config.before));
}

result_watcher_actor::behavior_type result_watcher_state::make_behavior() {
  return {[this](const record_batch& batch) { add(*batch); },
          [this](const verdict_batch& batch) { add(*batch); }};
}

void result_watcher_state::add(const std::vector<record>& records) {
  for (const auto& r : records) watched_->add(r);
  tell();
}

void result_watcher_state::add(const std::vector<verdict>& verdicts) {
  for (const auto& v : verdicts) watched_->add(v);
  tell();
}

/// What looks odd but could be chance is in the summary only.
void result_watcher_state::tell() {
  for (const auto& change : watched_->changes()) {
    if (change.what.finding.state == watch_state::firing)
      spdlog::warn("{}", line_of(change));
    else if (change.what.finding.state == watch_state::resolved)
      spdlog::info("{}", line_of(change));
  }
}

result_watcher_actor::behavior_type result_watcher(
    result_watcher_actor::stateful_pointer<result_watcher_state> self,
    result_watcher_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
