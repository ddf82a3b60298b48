#include "app/report/stopping.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "app/report/figures.hpp"

namespace assay::report {

std::uint64_t order_number(const storage::score_row& row) {
  return analysis::order_number(row.where.dataset, row.sample_id);
}

void stopping_rows::add(const storage::score_row& row, bool owed) {
  task t{.number = order_number(row)};
  if (row.has_outcome && row.status == outcome_status::error) {
    t.at = state::failed;
  } else if (row.has_outcome && !owed) {
    t.at = state::ended;
    for (const auto& [judge, score] : row.scores)
      if (judge == rule_.judge && score) {
        t.score = *score;
        t.scored = true;
      }
  }
  tasks_[row.where.model].push_back(t);
}

std::map<std::string, analysis::stopping_watch> stopping_rows::watches(double confidence,
                                                                       bool asked_again) const {
  const analysis::stopping_terms terms{rule_.half_width, 1 - confidence, rule_.min_samples};
  std::map<std::string, analysis::stopping_watch> made;
  for (const auto& [model, tasks] : tasks_) {
    std::vector<std::uint64_t> numbers;
    for (const auto& t : tasks) numbers.push_back(t.number);
    auto& watch = made.try_emplace(model, terms, std::move(numbers)).first->second;
    for (const auto& t : tasks)
      if (t.at == state::ended || (t.at == state::failed && !asked_again))
        watch.settle(t.number, t.scored ? std::optional(t.score) : std::nullopt);
  }
  return made;
}

stopping_point::stopping_point(const stopping_rows& rows)
    : rule_(rows.rule()), watches_(rows.watches()), usual_(rows.watches(0.95)) {}

bool stopping_point::spares(const storage::score_row& row) const {
  const auto found = watches_.find(row.where.model);
  return found != watches_.end() && found->second.enough() &&
         !found->second.counts(order_number(row));
}

stopping_summary stopping_point::summary() const {
  stopping_summary result{rule_, {}};
  for (const auto& [model, watch] : watches_) {
    const auto& usual = usual_.at(model);
    known_mean known{.model = model,
                     .enough = watch.enough(),
                     .stopped = watch.enough() && !watch.complete(),
                     .samples = watch.samples(),
                     .planned = watch.planned(),
                     .interval = {watch.low(), watch.high()},
                     .interval_95 = {usual.low(), usual.high()}};
    if (known.samples > 0) known.mean = watch.mean();
    result.models.push_back(std::move(known));
  }
  return result;
}

bool stopping_summary::stopped() const {
  return std::all_of(models.begin(), models.end(), [](const auto& m) { return m.enough; }) &&
         std::any_of(models.begin(), models.end(), [](const auto& m) { return m.stopped; });
}

const known_mean* stopping_summary::stopped_by(const std::string& judge,
                                               const std::string& model) const {
  if (judge != rule.judge) return nullptr;
  auto found = std::find_if(models.begin(), models.end(),
                            [&](const auto& m) { return m.stopped && m.model == model; });
  return found == models.end() ? nullptr : &*found;
}

std::string describe(const known_mean& known, const stop_rule& rule, bool name_model) {
  return fmt::format("precise enough ({}{}: {}, {} to {}, after {} of {} samples)", rule.judge,
                     name_model ? " of " + known.model : "", show_score(known.mean),
                     show_score(known.interval.first), show_score(known.interval.second),
                     show_count(known.samples), show_count(known.planned));
}

}  // namespace assay::report
