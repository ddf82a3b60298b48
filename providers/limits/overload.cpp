#include "providers/limits/overload.hpp"

#include <algorithm>

namespace assay::limits {

void overload_cap::overloaded(int in_flight, instant now) {
  if (cap_ > 0 && now - cut_at_ < std::chrono::seconds(2)) return;
  before_ = std::max<double>(before_, in_flight);
  auto now_used = cap_ > 0 ? std::min<double>(cap_, in_flight) : in_flight;
  cap_ = std::max(1.0, 0.7 * now_used);
  cut_at_ = now;
}

void overload_cap::accepted() {
  if (cap_ <= 0) return;
  cap_ += 1 / cap_;
  if (cap_ > before_) cap_ = before_ = 0;
}

std::optional<int> overload_cap::most() const {
  if (cap_ <= 0) return {};
  return static_cast<int>(cap_);
}

}  // namespace assay::limits
