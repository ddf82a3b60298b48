#pragma once

#include <cstddef>

namespace assay::bench {

/// Many runs that share one account, each with work left all the time.
struct fairness {
  std::size_t runs = 0;
  std::size_t turns = 0;
  double worst_error = 0;  ///< largest |share / weight - 1|, shares as parts of all turns
  double turns_per_s = 0;  ///< of the queue, in real time
};

/// 1,000 runs with weights from 1 to 10, 1,000,000 turns of `actors::fair_queue`.
fairness measure_fairness();

}  // namespace assay::bench
