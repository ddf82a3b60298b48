#include "tests/simulation/stopping.hpp"

#include <algorithm>
#include <set>

namespace assay::tests {

std::uint64_t number_of(std::uint32_t i) {
  return analysis::order_number("sums", std::to_string(i));
}

analysis::stopping_watch watch_of(const scenario& s, const memory_store& store, bool asked_again) {
  std::vector<std::uint64_t> numbers;
  for (std::uint32_t i = 0; i < s.tasks; ++i) numbers.push_back(number_of(i));
  const auto& rule = *s.stop_when;
  analysis::stopping_watch watch({rule.half_width, 1 - rule.confidence, rule.min_samples},
                                 std::move(numbers));
  for (const auto& [key, got] : store.outcomes) {
    if (asked_again && got.status == outcome_status::error) continue;
    auto score = store.scores.find(key);
    watch.settle(number_of(store.position.at(key)),
                 score == store.scores.end() ? std::nullopt : std::optional(score->second));
  }
  return watch;
}

void choose_by_rule(const scenario& s, const memory_store& store, work& todo) {
  todo.in_order = true;
  std::sort(todo.positions.begin(), todo.positions.end(),
            [](auto a, auto b) { return number_of(a) < number_of(b); });
  if (!watch_of(s, store).enough()) return;
  std::set<std::uint32_t> failed;
  for (const auto& [key, got] : store.outcomes)
    if (got.status == outcome_status::error) failed.insert(store.position.at(key));
  std::erase_if(todo.positions, [&](auto position) { return failed.count(position) == 0; });
}

std::optional<actors::stopper_config> stopper_of(const scenario& s, const memory_store& store) {
  if (!s.stop_when) return std::nullopt;
  actors::stopper_config config;
  config.judge = s.stop_when->judge;
  auto watch = watch_of(s, store, true);
  if (!watch.enough()) config.models.emplace("model", std::move(watch));
  return config;
}

}  // namespace assay::tests
