#include "app/report/sample_choice.hpp"

#include <map>

namespace assay::report {

namespace {

/// One list of chosen rows with its limits.
class picker {
 public:
  picker(std::vector<storage::ledger_row>& into, std::size_t& all, std::size_t most,
         std::size_t most_per_cell)
      : into_(into), all_(all), most_(most), most_per_cell_(most_per_cell) {}

  void offer(storage::ledger_row& row) {
    ++all_;
    if (into_.size() >= most_) return;
    if (++per_cell_[row.what.asked.where] > most_per_cell_) return;
    into_.push_back(std::move(row));
  }

 private:
  std::vector<storage::ledger_row>& into_;
  std::size_t& all_;
  std::size_t most_;
  std::size_t most_per_cell_;
  std::map<cell, std::size_t> per_cell_;
};

const verdict* verdict_of(const storage::ledger_row& row, const std::string& judge) {
  for (const auto& v : row.verdicts)
    if (v.judge == judge && v.scored) return &v;
  return nullptr;
}

}  // namespace

expected<sample_choice> choose_samples(storage::ledger& ledger, const run_summary& summary) {
  sample_choice choice;
  if (!summary.scores.empty()) choice.judge = summary.scores.front().judge.name;
  picker failed(choice.failed, choice.all_failed, 40, 4);
  picker wrong(choice.wrong, choice.all_wrong, 30, 3);
  picker right(choice.right, choice.all_right, 15, 1);
  auto read = ledger.rows(summary.run.id, [&](storage::ledger_row row) {
    if (!row.has_outcome) return;
    if (row.what.got.status != outcome_status::answered) return failed.offer(row);
    if (const auto* v = verdict_of(row, choice.judge)) (v->score < 0.5 ? wrong : right).offer(row);
  });
  if (!read) return tl::make_unexpected(read.error());
  return choice;
}

}  // namespace assay::report
