#pragma once

#include <optional>

namespace assay::limits {

/// What is still possible of a quantity after several statements about it.
class interval {
 public:
  /// It lies in [low, high]. Three statements against one that is held for it rule it out.
  void narrow(double low, double high);
  bool possible() const { return against_ < 3; }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  double low_ = -1e300;
  double high_ = 1e300;
  int against_ = 0;
};

/// The window that an API is likely to mean if it lies in [low, high]: a minute, a second, an hour,
/// a day, else another usual length.
std::optional<double> usual_window(double low_s, double high_s);

}  // namespace assay::limits
