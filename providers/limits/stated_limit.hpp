#pragma once

#include <memory>
#include <string>

#include "messages/known_limits.hpp"
#include "providers/limits/charge.hpp"
#include "providers/limits/phased_window.hpp"
#include "providers/limits/shapes.hpp"

namespace assay::limits {

/// The mirror of one configured limit. A fixed window of which nobody knows when it begins is
/// mirrored as a sliding log, which suits every beginning but may lose up to a window of time.
class stated_limit {
 public:
  /// `clock` ties the account's time to the calendar, by which `window_start` is stated.
  stated_limit(const rate_limit&, instant start, const time_anchor& clock);

  const rate_limit& limit() const { return limit_; }
  instant earliest(const charge&, instant now) const;
  void admit(const charge&, instant now);
  void settle(double surplus, instant taken, instant now) { level_->settle(surplus, taken, now); }
  double level(instant now) const { return level_->level(now); }
  double capacity() const { return is_bucket() ? limit_.burst : limit_.amount; }
  /// What small requests may take now.
  double room(instant now) const { return level_->level(now) - floor_; }

  /// The API refused a request because of this limit: it is empty.
  void refused(instant now);

  known_rate found(instant now) const;

 private:
  bool is_bucket() const { return limit_.shape == limit_shape::bucket; }

  rate_limit limit_;
  double floor_;
  std::unique_ptr<shape> level_;
};

}  // namespace assay::limits
