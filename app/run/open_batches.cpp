#include "app/run/open_batches.hpp"

#include <unordered_map>

namespace assay::app {

expected<std::vector<actors::held_batch>> open_batches(storage::ledger& ledger,
                                                       storage::run_id run) {
  auto rows = ledger.open_batches(run);
  if (!rows) return tl::make_unexpected(rows.error());
  std::vector<actors::held_batch> held;
  for (auto& row : *rows) {
    auto missing = ledger.missing_of(row.tasks);
    if (!missing) return tl::make_unexpected(missing.error());
    std::vector<task_key> keys;
    for (auto i : *missing) keys.push_back(row.tasks[i]);
    held.push_back({std::move(row), std::move(keys)});
  }
  return held;
}

std::map<std::uint32_t, std::string> holders(const std::vector<actors::held_batch>& open,
                                             const evaluation::plan& plan,
                                             const std::vector<std::uint32_t>& missing) {
  std::unordered_map<task_key, std::string> by_key;
  for (const auto& held : open)
    for (const auto& key : held.missing) by_key[key] = held.row.provider;
  std::map<std::uint32_t, std::string> holders;
  if (by_key.empty()) return holders;
  for (auto position : missing)
    if (auto found = by_key.find(plan.key(position)); found != by_key.end())
      holders.emplace(position, found->second);
  return holders;
}

}  // namespace assay::app
