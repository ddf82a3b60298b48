#include "storage/retention.hpp"

#include <algorithm>
#include <map>

namespace assay::storage {

std::vector<run_info> old_runs(const std::vector<run_info>& newest_first,
                               const retention_rule& rule, std::int64_t now_unix_ns) {
  auto limit = now_unix_ns - std::chrono::nanoseconds(rule.older_than).count();
  std::map<std::string, std::size_t> newer;
  std::vector<run_info> old;
  for (const auto& run : newest_first) {
    auto place = newer[run.experiment]++;
    auto last = std::max(run.ended_unix_ns, run.opened_unix_ns);
    if (last < limit && place >= rule.keep_latest) old.push_back(run);
  }
  std::reverse(old.begin(), old.end());
  return old;
}

}  // namespace assay::storage
