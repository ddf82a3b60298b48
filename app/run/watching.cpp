#include "app/run/watching.hpp"

#include "app/report/notices.hpp"

namespace assay::app {

expected<std::optional<actors::result_watcher_config>> recall_watching(storage::ledger& ledger,
                                                                       const prepared_run& run) {
  using watcher = std::optional<actors::result_watcher_config>;
  const auto& wanted = run.experiment;
  if (!wanted.watch.on || run.plan.size() == 0) return watcher();
  actors::result_watcher_config config{report::rule_of(wanted.watch), wanted.judges, {}};
  report::own_answers brought;
  auto read = ledger.attempt_rows(run.info.id, [&](const auto& row) { brought.add(row); });
  if (read && !brought.empty())
    read = ledger.score_rows(run.info.id, wanted.judges,
                             [&](const storage::score_row& row) { brought.add(row); });
  if (!read) return tl::make_unexpected(read.error());
  config.before = brought.watch(config.rule);
  return watcher(std::move(config));
}

}  // namespace assay::app
