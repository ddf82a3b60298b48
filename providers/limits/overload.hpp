#pragma once

#include <optional>

#include "messages/units.hpp"

namespace assay::limits {

/// A cap on what is in flight at a model whose API has no capacity: each overload takes 30 % of
/// what is in flight, at most once in two seconds; each answer gives a part of one back, until the
/// cap is where it was.
class overload_cap {
 public:
  void overloaded(int in_flight, instant now);
  void accepted();
  /// Absent if there is no cap.
  std::optional<int> most() const;

 private:
  double cap_ = 0;     ///< 0: none
  double before_ = 0;  ///< when it was cut first
  instant cut_at_{};
};

}  // namespace assay::limits
