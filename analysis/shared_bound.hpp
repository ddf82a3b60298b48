#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/lower_bound.hpp"

namespace assay::analysis {

/// Tasks that any of the same accounts can serve.
struct task_group {
  std::set<std::string> accounts;
  std::vector<served_task> tasks;
};

/// The least time for a run over several accounts: for every set of accounts that some group may
/// use, and for all of them, the tasks that only these can serve need at least the pooled bound.
/// `concurrency` caps the requests in flight over all accounts. `binds` names limit and accounts,
/// e.g. `rpm of a+b`. An account without an entry in `limits` limits nothing.
bound shared_bound(const std::map<std::string, limit_settings>& limits,
                   const std::vector<task_group>& groups, std::optional<int> concurrency);

}  // namespace assay::analysis
