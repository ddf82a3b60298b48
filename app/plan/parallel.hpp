#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace assay::planning {

/// Calls `job(i)` for i in [0, n), on all cores, and waits for all of them. REQUIRES: the calls
/// share nothing that they change, and none throws.
template <class Job>
void in_parallel(std::size_t n, const Job& job) {
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    for (auto i = next++; i < n; i = next++) job(i);
  };
  std::vector<std::thread> others;
  auto cores = std::max(1u, std::thread::hardware_concurrency());
  for (std::size_t i = 1; i < std::min<std::size_t>(n, cores); ++i) others.emplace_back(work);
  work();
  for (auto& thread : others) thread.join();
}

}  // namespace assay::planning
