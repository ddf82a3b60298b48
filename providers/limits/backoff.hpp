#pragma once

#include "messages/settings.hpp"
#include "messages/units.hpp"

namespace assay::limits {

/// How long to wait before asking again after the `failures`-th failure in a row (1 for the first):
/// `initial_backoff * multiplier^(failures - 1)`, at most `max_backoff`, spread by the jitter.
/// `draw` is a random number from 0 to 1.
duration retry_wait(const retry_policy&, int failures, double draw);

/// The same after the `holds`-th cut of a limit in a row that came without a hint, longer by
/// `rate_limit_factor`.
duration rate_limit_wait(const retry_policy&, int holds, double draw);

}  // namespace assay::limits
