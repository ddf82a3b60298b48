#pragma once

#include "bench/dispatch/load.hpp"

namespace assay::bench {

/// What a run in virtual time came to.
struct virtual_course {
  std::size_t answered = 0;
  double makespan_s = 0;
  double least_s = 0;  ///< tasks in whole rounds over all places
  double wall_s = 0;
  double cpu_us_per_task = 0;
};

/// The load over so many nodes in virtual time, the account's places divided among them.
virtual_course run_wide(load, int nodes, std::uint32_t at_each);

}  // namespace assay::bench
