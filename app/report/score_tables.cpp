#include "app/report/score_tables.hpp"

#include <functional>

namespace assay::report {

namespace {

/// Equal ids of different datasets are different samples.
std::uint64_t sample_number(const storage::score_row& row) {
  return std::hash<std::string>{}(row.where.dataset + '\x1f' + row.sample_id);
}

}  // namespace

score_tables::score_tables(std::vector<judge_setup> judges) : judges_(std::move(judges)) {}

void score_tables::add_to(bin& into, std::uint64_t sample, const storage::score_row& row) {
  into.points.resize(judges_.size());
  ++into.rows;
  // An error is not an answer: it has no score even if an older verdict lies about.
  if (!row.has_outcome || row.status == outcome_status::error) return;
  for (const auto& [judge, score] : row.scores) {
    if (!score) continue;
    for (std::size_t j = 0; j < judges_.size(); ++j)
      if (judges_[j].name == judge) into.points[j].push_back({sample, *score});
  }
}

void score_tables::add(const storage::score_row& row) {
  const auto sample = sample_number(row);
  if (last_cell_ == cells_.end() || last_cell_->first != row.where)
    last_cell_ = cells_.try_emplace(row.where).first;
  add_to(last_cell_->second, sample, row);
  for (const auto& tag : row.tags) add_to(tags_[tag], sample, row);
}

score_group score_tables::score_of(std::size_t judge, std::vector<std::string> names,
                                   const std::vector<const bin*>& bins) const {
  std::vector<analysis::score_point> points;
  std::size_t planned = 0;
  for (const auto* b : bins) {
    points.insert(points.end(), b->points[judge].begin(), b->points[judge].end());
    planned += b->rows;
  }
  score_group group{std::move(names), {}, {}};
  if (judges_[judge].counts_chances()) {
    group.value = analysis::estimate_pass_at_k(std::move(points), judges_[judge].k, planned);
  } else {
    group.wilson = analysis::wilson_of(points);
    group.value = analysis::estimate_mean(std::move(points), planned);
  }
  return group;
}

grouping score_tables::group_cells(std::size_t judge, const char* key,
                                   std::vector<std::string> columns,
                                   std::vector<std::string> (*names)(const cell&)) const {
  std::map<std::vector<std::string>, std::vector<const bin*>> groups;
  for (const auto& [where, rows] : cells_) groups[names(where)].push_back(&rows);
  grouping result{key, std::move(columns), {}};
  for (const auto& [group, bins] : groups) result.groups.push_back(score_of(judge, group, bins));
  return result;
}

grouping score_tables::group_tags(std::size_t judge) const {
  grouping result{"tag", {"tag"}, {}};
  for (const auto& [tag, rows] : tags_) result.groups.push_back(score_of(judge, {tag}, {&rows}));
  return result;
}

std::vector<judge_scores> score_tables::scores() const {
  using names = std::vector<std::string>;
  std::vector<const bin*> all;
  for (const auto& [where, rows] : cells_) all.push_back(&rows);
  std::vector<judge_scores> result;
  for (std::size_t j = 0; j < judges_.size(); ++j) {
    judge_scores scores{judges_[j], score_of(j, {}, all), {}};
    scores.groupings.push_back(
        group_cells(j, "model_prompt", {"model", "prompt"}, [](const cell& c) {
          return names{c.model, c.prompt};
        }));
    scores.groupings.push_back(
        group_cells(j, "cell", {"dataset", "model", "prompt", "task_type", "difficulty", "mode"},
                    [](const cell& c) {
                      return names{c.dataset, c.model, c.prompt, c.task_type, c.difficulty, c.mode};
                    }));
    scores.groupings.push_back(group_cells(j, "task_type", {"task_type"},
                                           [](const cell& c) { return names{c.task_type}; }));
    scores.groupings.push_back(group_tags(j));
    result.push_back(std::move(scores));
  }
  return result;
}

}  // namespace assay::report
