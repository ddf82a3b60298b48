#pragma once

#include "bench/limits/course.hpp"

namespace assay::bench {

/// The same run by the actors of `assay run` (supervisor, scheduler, provider, workers, recorder)
/// under CAF's test coordinator, against the same hidden limiter over the same network. Nothing is
/// written or parsed: requests and answers are figures.
course play_with_actors(const scenario&, knowledge, const load&, std::uint64_t seed);

}  // namespace assay::bench
