#include "app/report/panels.hpp"

#include <algorithm>
#include <cstdlib>

#include "evaluation/graders/vote.hpp"
#include "messages/known_names.hpp"

namespace assay::report {

namespace {

constexpr std::size_t most_pairs_of = 8;  ///< models of a panel; beyond it the pairs say little

/// A grade as a category, or for a scale as a number.
double rating_of(const std::string& type, const std::string& code, std::size_t at) {
  if (type == "scale") return std::strtod(code.c_str(), nullptr);
  if (type != "pairwise") return code[at];
  return code == "WW" || code == "LL" ? code[0] : 'T';
}

/// Every item of a rubric is rated by itself, anything else as a whole.
std::size_t units_in(const std::string& type, const std::vector<std::string>& codes) {
  if (type != "rubric") return 1;
  std::size_t items = 0;
  for (const auto& code : codes)
    if (code[0] == 'Y' || code[0] == 'N') items = std::max(items, code.size());
  return items;
}

bool is_grade(const std::string& code) {
  return code != evaluation::unread_code && code != evaluation::failed_code;
}

std::vector<pair_agreement> pairs_of(const panel_summary& panel,
                                     const std::vector<analysis::ratings>& units) {
  std::vector<pair_agreement> pairs;
  const auto n = panel.graders.size();
  if (panel.type == "scale" || n > most_pairs_of) return pairs;
  auto column = [&](std::size_t member) {
    analysis::ratings given;
    for (const auto& unit : units) given.push_back(unit[member]);
    return given;
  };
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j)
      pairs.push_back({panel.graders[i].model, panel.graders[j].model,
                       analysis::cohen_kappa(column(i), column(j))});
  return pairs;
}

}  // namespace

std::size_t panel_summary::calls() const {
  std::size_t n = 0;
  for (const auto& grader : graders) n += grader.calls;
  return n;
}

usd panel_summary::cost() const {
  usd sum;
  for (const auto& grader : graders) sum += grader.cost;
  return sum;
}

panel_figures::panel_figures(const std::vector<judge_setup>& judges) {
  for (const auto& judge : judges) {
    if (!known::contains(known::model_judges, judge.type)) continue;
    auto& figures = panels_[judge.name].figures;
    figures.judge = judge.name;
    figures.type = judge.type;
    for (const auto& model : judge.models) {
      figures.graders.emplace_back();
      figures.graders.back().model = model;
    }
  }
}

std::vector<std::string> panel_figures::judges() const {
  std::vector<std::string> names;
  for (const auto& [name, panel] : panels_) names.push_back(name);
  return names;
}

void panel_figures::add(const verdict& v) {
  auto found = panels_.find(v.judge);
  if (found == panels_.end()) return;
  auto& panel = found->second;
  ++panel.figures.verdicts;
  panel.figures.unscored += !v.scored;
  // A verdict that was clear without asking has no grades.
  const auto codes = evaluation::panel_codes(v.extracted);
  if (codes.size() == panel.figures.graders.size() && codes[0][0] != '[') add_codes(panel, codes);
}

void panel_figures::add_codes(gathered& panel, const std::vector<std::string>& codes) {
  auto& figures = panel.figures;
  for (std::size_t m = 0; m < codes.size(); ++m) {
    auto& grader = figures.graders[m];
    if (!is_grade(codes[m])) {
      ++(codes[m] == evaluation::failed_code ? grader.failed : grader.unread);
      continue;
    }
    ++grader.grades;
    if (figures.type != "pairwise" || codes[m].size() != 2) continue;
    ++figures.compared;
    figures.inconsistent += codes[m][0] != codes[m][1];
  }
  for (std::size_t unit = 0; unit < units_in(figures.type, codes); ++unit) {
    auto& ratings = panel.units.emplace_back();
    for (const auto& code : codes)
      ratings.push_back(is_grade(code) && unit < code.size()
                            ? std::optional(rating_of(figures.type, code, unit))
                            : std::nullopt);
  }
}

void panel_figures::add(const storage::attempt_row& row) {
  if (row.mode != judge_mode) return;
  auto found = panels_.find(row.prompt);
  if (found == panels_.end()) return;
  for (auto& grader : found->second.figures.graders) {
    if (grader.model != row.model) continue;
    ++grader.calls;
    grader.input_tokens += row.input_tokens;
    grader.output_tokens += row.output_tokens;
    grader.cost += row.cost;
    return;  // a model may sit on a panel twice
  }
}

std::vector<panel_summary> panel_figures::panels() const {
  std::vector<panel_summary> all;
  for (const auto& [name, panel] : panels_) {
    auto& figures = all.emplace_back(panel.figures);
    if (figures.graders.size() < 2) continue;
    using level = analysis::measurement_level;
    figures.alpha = analysis::krippendorff_alpha(
        panel.units, figures.type == "scale" ? level::interval : level::nominal);
    figures.pairs = pairs_of(figures, panel.units);
  }
  return all;
}

}  // namespace assay::report
