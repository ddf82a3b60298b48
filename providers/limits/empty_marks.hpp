#pragma once

#include <optional>
#include <vector>

#include "messages/units.hpp"

namespace assay::limits {

/// The moments at which a limiter was found empty, and what it had let in by then. Between two of
/// them it has let in exactly what came free, so that rate = (A2 - A1) / (T2 - T1), with an error
/// of one request; no model of the limiter is needed (the two-mark estimator of docs/limits.md).
class empty_marks {
 public:
  struct mark {
    instant at;
    double accepted;  ///< up to then, in all
    bool busy;        ///< everything that could be sent since the mark before was sent
  };

  struct estimate {
    double rate;   ///< a second
    double error;  ///< part of the rate
  };

  void add(const mark&);
  /// The newest mark is the same event as this one, seen better.
  void correct(instant at, double accepted);
  bool empty() const { return marks_.empty(); }
  const mark& newest() const { return marks_.back(); }
  /// What was accepted between the last two marks; 0 if there are none.
  double accepted_between_last() const;
  /// Since when nothing has been accepted, up to the newest mark.
  instant empty_since(double unit) const;

  /// From as many of the newest marks as agree with each other. `unit`: what one request costs.
  std::optional<estimate> rate(double unit) const;

 private:
  std::vector<mark> marks_;
};

}  // namespace assay::limits
