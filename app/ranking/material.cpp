#include "app/ranking/material.hpp"

#include <cmath>
#include <functional>

namespace assay::ranking {

void gatherer::begin(const storage::run_info& run) {
  run_ = run.id;
  if (what_ == subject::run) into_.sides.push_back({run.experiment, run.id, {}, {}});
}

std::size_t gatherer::add(const storage::score_row& in) {
  const auto index = side_of(in.where);
  auto& side = into_.sides[index];
  row out;
  out.sample = std::hash<std::string>{}(in.where.dataset + '\x1f' + in.sample_id);
  out.cluster = out.sample;
  out.epoch = in.epoch;
  out.cell = cell_number(in.where);
  out.has_outcome = in.has_outcome;
  out.error = in.has_outcome && in.status == outcome_status::error;
  // An error is not an answer: it has no score even if an older verdict lies about.
  const bool may_score = out.has_outcome && !out.error;
  for (const auto& [judge, score] : in.scores)
    side.scores.push_back(may_score && score ? *score : std::nan(""));
  side.rows.push_back(out);
  return index;
}

std::size_t gatherer::side_of(const cell& where) {
  auto& sides = into_.sides;
  if (what_ == subject::run) return sides.size() - 1;
  const auto& name = what_ == subject::model ? where.model : where.prompt;
  for (std::size_t i = 0; i < sides.size(); ++i)
    if (sides[i].run == run_ && sides[i].name == name) return i;
  sides.push_back({name, run_, {}, {}});
  return sides.size() - 1;
}

std::uint32_t gatherer::cell_number(const cell& where) {
  if (!into_.cells.empty() && into_.cells[last_cell_] == where) return last_cell_;
  auto [at, added] = cells_.try_emplace(where, into_.cells.size());
  if (added) into_.cells.push_back(where);
  return last_cell_ = at->second;
}

}  // namespace assay::ranking
