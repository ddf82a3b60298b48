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
  std::shared_future<outcome> known;
  {
    const std::lock_guard alone(guard_);
    auto [at, added] = known_.try_emplace(key);
    if (added)
      at->second = mine.get_future().share();
    else
      known = at->second;
  }
  if (known.valid()) return known.get();
  auto result = box_->run(c);
  mine.set_value(result);
  keep(key, result);
  return result;
}

/// A problem of the sandbox is not remembered: it may be gone the next time.
void program_runs::keep(const task_key& key, const outcome& result) {
  const std::lock_guard alone(guard_);
  if (!result) {
    known_.erase(key);
    return;
  }
  finished_.emplace_back(key, result->out.size() + result->err.size());
  bytes_ += finished_.back().second;
  while (finished_.size() > most_kept_ || bytes_ > most_bytes_) {
    known_.erase(finished_.front().first);
    bytes_ -= finished_.front().second;
    finished_.pop_front();
  }
}

}  // namespace assay::evaluation
