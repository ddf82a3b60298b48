#include "app/run/tree.hpp"

#include <algorithm>
#include <utility>

#include "app/run/accounts.hpp"
#include "app/run/conductors.hpp"
#include "app/run/open_batches.hpp"
#include "app/run/stopping.hpp"
#include "app/run/watching.hpp"

namespace assay::app {

namespace {

/// Procedures under way at the same time: enough for every place of every account, each procedure
/// having one call open.
std::uint32_t most_open(const prepared_run& run) {
  std::uint32_t places = 0;
  for (const auto& access : run.providers)
    places += static_cast<std::uint32_t>(access->settings.limits.max_parallel);
  if (run.experiment.concurrency)
    places = std::min(places, static_cast<std::uint32_t>(*run.experiment.concurrency));
  return 2 * std::max(places, 1u);
}

}  // namespace

actors::supervisor_config tree_of(const prepared_run& run, const time_anchor& anchor) {
  actors::supervisor_config tree;
  tree.providers = run.providers;
  tree.judges = run.judges;
  tree.conductors = run.conductors;
  for (auto& c : tree.conductors) {
    c.most_open = most_open(run);
    c.recall = [&run, c]() -> expected<actors::conductor_memory> {
      auto ledger = storage::open_ledger(run.ledger_path);
      if (!ledger) return tl::make_unexpected(ledger.error());
      return recall_steps(**ledger, run.info.id, c);
    };
  }
  tree.open_ledger = [path = run.ledger_path,
                      term = run.term]() -> expected<std::unique_ptr<storage::record_store>> {
    auto ledger = storage::open_ledger(path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    if (term) (*ledger)->obey(*term);
    return std::move(*ledger);
  };
  // The first answer is known already; after a restart the ledger is asked again.
  tree.missing = [&run, first = true]() mutable -> expected<work_ptr> {
    auto ledger = storage::open_ledger(run.ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    if (run.plan.size() == 0) return make_work(run, {}, {});
    auto open = open_batches(**ledger, run.info.id);
    if (!open) return tl::make_unexpected(open.error());
    if (std::exchange(first, false)) return make_work(run, run.missing, *open);
    auto left = (*ledger)->missing(run.info.id);
    if (!left) return tl::make_unexpected(left.error());
    auto wanted = still_wanted(**ledger, run, {left->begin(), left->end()});
    if (!wanted) return tl::make_unexpected(wanted.error());
    return make_work(run, std::move(*wanted), *open);
  };
  tree.stopping = [&run]() -> expected<std::optional<actors::stopper_config>> {
    auto ledger = storage::open_ledger(run.ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    return recall_stopping(**ledger, run);
  };
  tree.watching = [&run]() -> expected<std::optional<actors::result_watcher_config>> {
    auto ledger = storage::open_ledger(run.ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    return recall_watching(**ledger, run);
  };
  tree.delivery = run.experiment.delivery;
  tree.open_batches = [&run]() -> expected<std::vector<actors::held_batch>> {
    auto ledger = storage::open_ledger(run.ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    return open_batches(**ledger, run.info.id);
  };
  tree.recall = [&run, anchor,
                 crashed =
                     run.after_a_crash]() mutable -> expected<std::vector<actors::account_memory>> {
    auto ledger = storage::open_ledger(run.ledger_path);
    if (!ledger) return tl::make_unexpected(ledger.error());
    // started again within this process: the exchanges of the tree before may not be recorded
    return recall(**ledger, run.providers, anchor, std::exchange(crashed, true));
  };
  tree.run = run.info.id;
  tree.hedge = run.experiment.hedge;
  tree.batching = run.experiment.batching;
  tree.anchor = anchor;
  tree.seed = static_cast<std::uint64_t>(anchor.unix_ns(anchor.steady));
  return tree;
}

}  // namespace assay::app
