#pragma once

#include <algorithm>

#include "messages/settings.hpp"

namespace assay::limits {

/// How much longer than itself a window is mirrored: requests may reach the server closer together
/// than they left.
inline milliseconds window_margin(milliseconds window) {
  return std::clamp<milliseconds>(window / 200, milliseconds(20), milliseconds(300));
}

/// What a bucket keeps in hand against requests that overtake each other: 3 requests and 0.15 s of
/// its rate, at most half of what its burst has above one.
inline double bucket_floor(const rate_limit& limit) {
  auto rate = limit.amount / seconds(limit.window);
  auto jitter = (limit.counts == dimension::requests ? 3 : 0) + 0.15 * rate;
  return std::clamp((limit.burst - 1) / 2, 0.0, jitter);
}

}  // namespace assay::limits
