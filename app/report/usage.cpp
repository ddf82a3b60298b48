#include "app/report/usage.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "app/report/document_tables.hpp"
#include "app/report/figures.hpp"

namespace assay::report {

namespace {

/// Parts of shared calls add up to whole ones but for rounding.
table_cell calls_entry(double calls) {
  return {show_count(static_cast<std::uint64_t>(std::llround(calls))), tone::plain, {}, calls};
}

std::vector<table_cell> usage_row(const std::string& name, const call_usage& u) {
  return {{name},
          calls_entry(u.calls),
          {u.calls > 0 ? fmt::format("{:.2f}", u.items_per_call()) : "-",
           tone::plain,
           {},
           u.items_per_call()},
          count_entry(u.cache_hits),
          count_entry(u.coalesced),
          calls_entry(u.saved()),
          calls_entry(u.hedges),
          calls_entry(u.wasted),
          usd_entry(u.wasted_cost),
          usd_entry(u.cost)};
}

}  // namespace

/// A second answer to the same task (a hedge that came too late) brings nothing either.
void usage_counter::add(const storage::attempt_row& row) {
  const auto part = 1.0 / std::max<std::uint32_t>(1, row.items);
  const bool useful = brought_answer(row.kind) && answered_ != row.key;
  if (useful) answered_ = row.key;
  for (auto* into : {&total_, &by_provider_[row.provider], &by_model_[row.model]}) {
    ++into->asked;
    into->calls += part;
    into->cost += row.cost;
    if (row.hedge) into->hedges += part;
    if (useful) {
      into->shared += 1 - part;
    } else {
      into->wasted += part;
      into->wasted_cost += row.cost;
    }
  }
}

void usage_counter::add(const storage::score_row& row) {
  if (!row.cached) return;
  for (auto* into : {&total_, &by_provider_[row.provider], &by_model_[row.where.model]})
    ++(row.coalesced ? into->coalesced : into->cache_hits);
}

expected<usage_counter> count_usage(storage::ledger& ledger, storage::run_id run) {
  usage_counter counter;
  auto read = ledger.attempt_rows(run, [&](const storage::attempt_row& row) { counter.add(row); });
  if (read)
    read = ledger.score_rows(run, {}, [&](const storage::score_row& row) { counter.add(row); });
  if (!read) return tl::make_unexpected(read.error());
  return counter;
}

table usage_table(const std::string& group, const std::map<std::string, call_usage>& rows,
                  const call_usage& total) {
  table result{"Calls",
               {{group},
                {"calls", true},
                {"items", true},
                {"cached", true},
                {"joined", true},
                {"saved", true},
                {"hedges", true},
                {"wasted", true},
                {"lost", true},
                {"cost", true}},
               {},
               {}};
  for (const auto& [name, usage] : rows) result.rows.push_back(usage_row(name, usage));
  if (rows.size() > 1) result.rows.push_back(usage_row("all together", total));
  if (!rows.empty())
    result.notes = {"items: tasks for each call; cached: answers of earlier runs to equal requests",
                    "joined: asked once for several equal tasks of this run",
                    "wasted: calls that brought nothing; lost: what they cost"};
  return result;
}

}  // namespace assay::report
