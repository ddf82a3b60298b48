#include "analysis/stopping_watch.hpp"

#include <algorithm>

#include "messages/task_key.hpp"

namespace assay::analysis {

std::uint64_t order_number(std::string_view dataset, std::string_view sample_id) {
  const auto hash = hash_parts({"order of samples", dataset, sample_id});
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8 | hash.bytes[i];
  return number;
}

stopping_watch::stopping_watch(const stopping_terms& terms, std::vector<std::uint64_t> tasks)
    : terms_(terms), scores_(terms.alpha, terms.half_width) {
  std::sort(tasks.begin(), tasks.end());
  for (auto number : tasks) {
    if (places_.empty() || places_.back().number != number) places_.push_back({.number = number});
    ++places_.back().open;
  }
}

void stopping_watch::settle(std::uint64_t number, std::optional<double> score) {
  auto at = std::lower_bound(places_.begin(), places_.end(), number,
                             [](const place& p, std::uint64_t n) { return p.number < n; });
  if (at == places_.end() || at->number != number || at->open == 0) return;
  --at->open;
  if (score) {
    ++at->scored;
    at->sum += *score;
    unfit_ = unfit_ || !(*score >= 0 && *score <= 1);
  }
  count_on();
}

void stopping_watch::count_on() {
  for (; next_ < places_.size() && places_[next_].open == 0; ++next_) {
    const auto& sample = places_[next_];
    if (sample.scored == 0) continue;
    const double score = sample.sum / sample.scored;
    scores_.add(score);
    sum_ += score;
  }
}

bool stopping_watch::enough() const {
  return !unfit_ && samples() >= terms_.min_samples && low() <= high() &&
         scores_.half_width() <= terms_.half_width;
}

bool stopping_watch::counts(std::uint64_t number) const {
  return complete() || number < places_[next_].number;
}

double stopping_watch::mean() const { return sum_ / static_cast<double>(samples()); }

}  // namespace assay::analysis
