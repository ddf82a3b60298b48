#include "app/run/stored_verdicts.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace assay::app {

namespace {

constexpr std::size_t records_at_once = 2'000;

/// Judges what the ledger hands out, a part at a time; keeps the verdicts, since the ledger is not
/// written to while it is read.
class stored_judging {
 public:
  stored_judging(const judge_settings& settings, const evaluation::rule_judge& rule,
                 const std::function<void(const judged_again&)>& told)
      : settings_(settings), rule_(rule), told_(told) {}

  void take(record r) {
    waiting_.push_back(std::move(r));
    if (waiting_.size() >= records_at_once) judge_waiting();
  }

  void judge_waiting() {
    auto given = evaluation::judge_records(rule_, settings_, waiting_);
    waiting_.clear();
    done_.verdicts += given.size();
    done_.unscored += static_cast<std::size_t>(
        std::count_if(given.begin(), given.end(), [](const verdict& v) { return !v.scored; }));
    std::move(given.begin(), given.end(), std::back_inserter(verdicts_));
    if (told_) told_(done_);
  }

  const std::vector<verdict>& verdicts() const { return verdicts_; }
  const judged_again& done() const { return done_; }

 private:
  const judge_settings& settings_;
  const evaluation::rule_judge& rule_;
  const std::function<void(const judged_again&)>& told_;
  std::vector<record> waiting_;
  std::vector<verdict> verdicts_;
  judged_again done_;
};

expected<void> commit_all(storage::ledger& ledger, storage::run_id run,
                          const std::vector<verdict>& verdicts, const time_anchor& anchor) {
  for (std::size_t done = 0; done < verdicts.size(); done += records_at_once) {
    auto from = verdicts.begin() + static_cast<std::ptrdiff_t>(done);
    auto to = from + static_cast<std::ptrdiff_t>(std::min(records_at_once, verdicts.size() - done));
    if (auto written = ledger.commit({run, {}, {from, to}}, anchor); !written) return written;
  }
  return {};
}

}  // namespace

expected<judged_again> judge_stored(storage::ledger& ledger, storage::run_id run,
                                    const judge_settings& settings,
                                    const evaluation::rule_judge& rule, const time_anchor& anchor,
                                    const std::function<void(const judged_again&)>& told) {
  stored_judging judging(settings, rule, told);
  auto listed = ledger.unjudged(
      run, settings.name, [&](const sample& s) { return evaluation::judge_version(settings, s); },
      [&](record r) { judging.take(std::move(r)); });
  if (!listed) return tl::make_unexpected(listed.error());
  judging.judge_waiting();
  if (auto written = commit_all(ledger, run, judging.verdicts(), anchor); !written)
    return tl::make_unexpected(written.error());
  return judging.done();
}

}  // namespace assay::app
