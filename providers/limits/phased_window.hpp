#pragma once

#include "messages/units.hpp"
#include "providers/limits/shapes.hpp"

namespace assay::limits {

/// The mirror of a fixed window whose borders lie somewhere in [early, late] + k W. Nothing counts
/// as free before `late`, and what is sent later than `early` less the time on the way counts in
/// both windows, so that whichever window a request falls into holds no more than the limit.
class phased_window final : public shape {
 public:
  /// REQUIRES: early <= late. `used` is what the window of `now` already holds.
  phased_window(double amount, duration window, instant early, instant late, double used,
                instant now);

  instant earliest(double cost, instant now) const override;
  void take(double cost, instant now) override;
  void settle(double surplus, instant now) override;
  void settle(double surplus, instant taken, instant now) override;
  double level(instant now) const override { return amount_ - used(now); }

  /// Moves the borders; what is used stays used.
  void align(instant early, instant late, instant now);
  instant next_border(instant now) const { return begin_of(now) + window_; }

 private:
  instant begin_of(instant now) const;
  double used(instant now) const;
  void roll(instant now);

  double amount_;
  duration window_;
  instant begin_;     ///< the late end of the border that opened the window `used_` belongs to
  duration overlap_;  ///< before the next border: what is sent then may fall on either side
  double used_;
  double carried_ = 0;  ///< part of `used_` that was sent within the overlap
};

/// How long a request may take to the API and how far two may be apart there that left together.
inline constexpr milliseconds transit_spread{120};

}  // namespace assay::limits
