#include <atomic>
#include <thread>

#include "evaluation/judge.hpp"

namespace assay::evaluation {

/// One that only computes gets all cores.
std::vector<verdict> judge_records(const rule_judge& judge, const judge_settings& settings,
                                   const std::vector<record>& records) {
  std::vector<verdict> verdicts(records.size());
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    for (auto i = next++; i < records.size(); i = next++)
      verdicts[i] = judge_record(judge, settings, records[i]);
  };
  std::vector<std::thread> others;
  const auto threads = judge.blocks() ? judge.blocks() : std::thread::hardware_concurrency();
  for (unsigned i = 1; i < threads && i < records.size(); ++i) others.emplace_back(work);
  work();
  for (auto& thread : others) thread.join();
  return verdicts;
}

}  // namespace assay::evaluation
