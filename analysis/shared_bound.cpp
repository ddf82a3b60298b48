#include "analysis/shared_bound.hpp"

#include <algorithm>
#include <utility>

namespace assay::analysis {

namespace {

/// All tasks of the groups that can use nothing but these accounts.
std::vector<served_task> tasks_within(const std::vector<task_group>& groups,
                                      const std::set<std::string>& accounts) {
  std::vector<served_task> tasks;
  for (const auto& group : groups)
    if (std::includes(accounts.begin(), accounts.end(), group.accounts.begin(),
                      group.accounts.end()))
      tasks.insert(tasks.end(), group.tasks.begin(), group.tasks.end());
  return tasks;
}

}  // namespace

bound shared_bound(const std::map<std::string, limit_settings>& limits,
                   const std::vector<task_group>& groups, std::optional<int> concurrency) {
  std::set<std::string> everyone;
  std::set<std::set<std::string>> sets;
  for (const auto& [name, limit] : limits) everyone.insert(name);
  for (const auto& group : groups) {
    everyone.insert(group.accounts.begin(), group.accounts.end());
    sets.insert(group.accounts);
  }
  sets.insert(everyone);

  bound best;
  for (const auto& set : sets) {
    std::vector<limit_settings> accounts;
    std::string names;
    for (const auto& name : set) {
      auto at = limits.find(name);
      accounts.push_back(at == limits.end() ? limit_settings{.max_parallel = 0, .rates = {}}
                                            : at->second);
      names += (names.empty() ? "" : "+") + name;
    }
    auto least = lower_bound(accounts, tasks_within(groups, set));
    if (least.seconds <= best.seconds) continue;
    best = std::move(least);
    if (best.binds != "longest answer") best.binds += " of " + names;
  }
  if (concurrency) {
    auto least = lower_bound(limit_settings{.max_parallel = *concurrency, .rates = {}},
                             tasks_within(groups, everyone));
    if (least.seconds > best.seconds) best = {least.seconds, "concurrency"};
  }
  return best;
}

}  // namespace assay::analysis
