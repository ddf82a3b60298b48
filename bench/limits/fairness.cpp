#include "bench/limits/fairness.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "actors/fair_queue.hpp"
#include "messages/units.hpp"

namespace assay::bench {

fairness measure_fairness() {
  constexpr std::size_t runs = 1'000;
  constexpr std::size_t turns = 1'000'000;
  actors::fair_queue<std::size_t> queue;
  std::vector<double> weight, taken(runs, 0);
  double all = 0;
  for (std::size_t i = 0; i < runs; ++i) {
    weight.push_back(static_cast<double>(1 + i % 10));
    all += weight.back();
    queue.add(i, weight.back());
  }
  const auto began = std::chrono::steady_clock::now();
  for (std::size_t turn = 0; turn < turns; ++turn) {
    const auto who = *queue.next();
    queue.charge(who);
    ++taken[who];
  }
  fairness f{runs, turns, 0, 0};
  f.turns_per_s = turns / seconds(std::chrono::steady_clock::now() - began);
  for (std::size_t i = 0; i < runs; ++i) {
    const double due = turns * weight[i] / all;
    f.worst_error = std::max(f.worst_error, std::abs(taken[i] / due - 1));
  }
  return f;
}

}  // namespace assay::bench
