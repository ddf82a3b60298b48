#pragma once

#include <chrono>

#include "messages/attempt.hpp"

namespace assay::bench {

inline double ms(std::chrono::nanoseconds d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

/// From the moment on which all places agreed until the request was sent, connecting left out: the
/// client's own. Free of what is not known of the node's clock, by which it waited for the moment.
inline duration send_lag(const attempt& tried) {
  return tried.at.sent - tried.at.admitted - tried.connecting.total();
}

}  // namespace assay::bench
