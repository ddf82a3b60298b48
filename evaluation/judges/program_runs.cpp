#include "evaluation/judges/program_runs.hpp"

#include <algorithm>
#include <vector>

#include "evaluation/task_identity.hpp"

namespace assay::evaluation {

namespace {

task_key content_of(const sandbox::command& c) {
  hash_text text;
  text.add(c.argv);
  text.add(c.input);
  for (const auto& [name, content] : c.files) text.add({name, content});
  return text.finish();
}

}  // namespace

expected<std::shared_ptr<program_runs>> program_runs::shared(const sandbox_settings& settings) {
  static std::mutex guard;
  static std::vector<std::weak_ptr<program_runs>> all;
  const std::lock_guard alone(guard);
  std::erase_if(all, [](const auto& runs) { return runs.expired(); });
  for (const auto& weak : all)
    if (auto runs = weak.lock(); runs && runs->box().settings() == settings) return runs;
  auto box = sandbox::box::open(settings);
  if (!box) return tl::make_unexpected(box.error());
  auto made = std::make_shared<program_runs>(std::move(*box));
  all.push_back(made);
  return made;
}

expected<sandbox::result> program_runs::run(const sandbox::command& c) {
  const auto key = content_of(c);
  std::promise<outcome> mine;
  while (auto known = known_or_begun(key, mine))
    if (auto result = known->get()) return result;
  auto result = box_->run(c);
  if (!result) forget(key);
  mine.set_value(result);
  if (result) keep(key, *result);
  return result;
}

/// None: it is ours to run.
std::optional<std::shared_future<program_runs::outcome>> program_runs::known_or_begun(
    const task_key& key, std::promise<outcome>& mine) {
  const std::lock_guard alone(guard_);
  auto [at, added] = known_.try_emplace(key);
  if (!added) return at->second;
  at->second = mine.get_future().share();
  return std::nullopt;
}

/// A problem of the sandbox may be gone the next time.
void program_runs::forget(const task_key& key) {
  const std::lock_guard alone(guard_);
  known_.erase(key);
}

void program_runs::keep(const task_key& key, const sandbox::result& result) {
  const std::lock_guard alone(guard_);
  finished_.emplace_back(key, result.out.size() + result.err.size());
  bytes_ += finished_.back().second;
  while (finished_.size() > most_kept_ || bytes_ > most_bytes_) {
    known_.erase(finished_.front().first);
    bytes_ -= finished_.front().second;
    finished_.pop_front();
  }
}

}  // namespace assay::evaluation
