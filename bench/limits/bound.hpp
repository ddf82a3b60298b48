#pragma once

#include "bench/limits/load.hpp"
#include "bench/limits/scenario.hpp"

namespace assay::bench {

/// The least time in which any client could have had all answers, without a network: admissions as
/// early as the hidden limiter grants them to a client that knows it (its phase and habits
/// included), the earliest for the longest tasks.
double lower_bound_s(const scenario&, const load&);

}  // namespace assay::bench
