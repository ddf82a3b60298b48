#include <spdlog/fmt/fmt.h>

#include "app/report/document_tables.hpp"
#include "app/report/figures.hpp"

/// The tables of judges that ask models.
namespace assay::report {

namespace {

std::string ratio_text(std::optional<double> value) {
  return value ? fmt::format("{:.2f}", *value) : "-";
}

table_cell tokens_entry(std::int64_t n) { return count_entry(static_cast<std::size_t>(n)); }

table overview(const run_summary& summary) {
  table result{"Judges that ask models",
               {{"judge"},
                {"verdicts", true},
                {"unscored", true},
                {"alpha", true},
                {"by order", true},
                {"calls", true},
                {"cost", true}},
               {},
               {"alpha: Krippendorff's, agreement of the panel: 1 perfect, 0 what chance gives"}};
  bool pairs = false;
  for (const auto& panel : summary.panels) {
    const auto rate = panel.compared ? std::optional(static_cast<double>(panel.inconsistent) /
                                                     static_cast<double>(panel.compared))
                                     : std::nullopt;
    pairs = pairs || rate;
    result.rows.push_back({{panel.judge},
                           count_entry(panel.verdicts),
                           count_entry(panel.unscored, panel.unscored ? tone::bad : tone::plain),
                           {ratio_text(panel.alpha), tone::plain, {}, panel.alpha},
                           {rate ? show_percent(*rate) : "-", tone::plain, {}, rate},
                           count_entry(panel.calls()),
                           usd_entry(panel.cost())});
  }
  if (pairs)
    result.notes.push_back(
        "by order: pairs judged otherwise when their order was swapped; they count as ties");
  return result;
}

std::string kappa_note(const panel_summary& panel) {
  std::string list;
  for (const auto& pair : panel.pairs)
    list += fmt::format("{}{} and {} {}", list.empty() ? "" : ", ", pair.one, pair.other,
                        ratio_text(pair.kappa));
  return list.empty() ? "" : "Cohen's kappa: " + list;
}

table members(const panel_summary& panel) {
  table result{panel.judge + ": the models that graded",
               {{"model"},
                {"grades", true},
                {"no grade", true},
                {"failed", true},
                {"calls", true},
                {"tokens in", true},
                {"out", true},
                {"cost", true}},
               {},
               {}};
  for (const auto& grader : panel.graders)
    result.rows.push_back({{grader.model},
                           count_entry(grader.grades),
                           count_entry(grader.unread, grader.unread ? tone::bad : tone::plain),
                           count_entry(grader.failed, grader.failed ? tone::bad : tone::plain),
                           count_entry(grader.calls),
                           tokens_entry(grader.input_tokens),
                           tokens_entry(grader.output_tokens),
                           usd_entry(grader.cost)});
  if (auto note = kappa_note(panel); !note.empty()) result.notes.push_back(std::move(note));
  return result;
}

}  // namespace

std::vector<table> panel_tables_of(const run_summary& summary) {
  std::vector<table> tables;
  if (summary.panels.empty()) return tables;
  tables.push_back(overview(summary));
  for (const auto& panel : summary.panels) tables.push_back(members(panel));
  return tables;
}

}  // namespace assay::report
