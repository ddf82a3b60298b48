#pragma once

#include <memory>

#include "messages/settings.hpp"
#include "messages/units.hpp"

namespace assay::limits {

/// The state of one limiter of a known shape (formulas: docs/limits.md, B3). Pure: the time is an
/// argument and never goes backwards. Used as the mirror of a provider's limiter, and by the
/// simulated provider as the limiter itself.
class shape {
 public:
  virtual ~shape() = default;

  /// The earliest moment, not before `now`, at which `cost` fits; `instant::max()` if never.
  virtual instant earliest(double cost, instant now) const = 0;
  /// Takes `cost`. REQUIRES: `earliest(cost, now) <= now`.
  virtual void take(double cost, instant now) = 0;
  /// Gives back what a task turned out not to need (negative: takes more). Never fails. Where it
  /// matters when the task took its share, the oldest one that is still counted gets it back.
  virtual void settle(double surplus, instant now) = 0;
  /// The same for a share known to have been taken at `taken`: a window gets nothing back for what
  /// it does not count any more.
  virtual void settle(double surplus, instant taken, instant now) = 0;
  /// What is left at `now`.
  virtual double level(instant now) const = 0;
};

/// `floor` is kept in hand at all times (against arrivals that overtake each other); `start` is
/// when the limiter begins with all its room.
std::unique_ptr<shape> make_shape(const rate_limit&, double floor, instant start);

}  // namespace assay::limits
