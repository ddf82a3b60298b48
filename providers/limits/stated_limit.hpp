#pragma once

#include <memory>
#include <string>

#include "providers/limits/charge.hpp"
#include "providers/limits/findings.hpp"
#include "providers/limits/phased_window.hpp"
#include "providers/limits/shapes.hpp"

namespace assay::limits {

/// The mirror of one configured limit.
///
/// A fixed window's borders are not known from the configuration: it is mirrored as a sliding log,
/// which suits every phase but may lose up to a window of time. So, when the log is full for the
/// first time, one request asks where the window stands: a 429 with `Retry-After` tells the border,
/// and from then on the window itself is mirrored. An answer means that the border has just passed;
/// then it is asked once more later, at most three times in all.
class stated_limit {
 public:
  stated_limit(const rate_limit&, instant start);

  const rate_limit& limit() const { return limit_; }
  instant earliest(const charge&, instant now) const;
  void admit(const charge&, instant now);
  void settle(double surplus, instant taken, instant now) { level_->settle(surplus, taken, now); }
  double level(instant now) const { return level_->level(now); }
  double capacity() const { return is_bucket() ? limit_.burst : limit_.amount; }
  /// What small requests may take now.
  double room(instant now) const { return level_->level(now) - floor_; }

  /// A request admitted at `admitted` was refused (`until`: when to come back, if the API said so)
  /// or accepted.
  void refused(instant admitted, instant now, std::optional<duration> retry_after);
  void accepted(instant admitted);

  finding found(instant now) const;
  snapshot::level save(instant now) const;
  void restore(const snapshot::level&, duration ago, instant now);

 private:
  bool is_bucket() const { return limit_.shape == limit_shape::bucket; }
  bool may_ask(double cost, instant now) const;

  rate_limit limit_;
  double floor_;
  std::unique_ptr<shape> level_;
  int questions_ = 0;  ///< that may still be asked
  std::optional<instant> asked_;
};

}  // namespace assay::limits
