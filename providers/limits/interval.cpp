#include "providers/limits/interval.hpp"

#include <algorithm>
#include <array>

namespace assay::limits {

void interval::narrow(double low, double high) {
  if (std::max(low_, low) > std::min(high_, high)) {
    ++against_;
    return;
  }
  low_ = std::max(low_, low);
  high_ = std::min(high_, high);
  against_ = std::max(0, against_ - 1);
}

std::optional<double> usual_window(double low_s, double high_s) {
  constexpr std::array usual{60.0,  1.0,   3600.0, 86'400.0, 10.0,     5.0,     30.0,
                             300.0, 600.0, 900.0,  15.0,     20.0,     120.0,   1800.0,
                             2.0,   0.5,   0.1,    10'800.0, 21'600.0, 43'200.0};
  for (auto s : usual)
    if (low_s <= s && s <= high_s) return s;
  return {};
}

}  // namespace assay::limits
