#include "providers/limits/shapes.hpp"

#include <algorithm>
#include <deque>

namespace assay::limits {

namespace {

/// Waits beyond this many seconds (about 30 years) count as "never".
constexpr double never_s = 1e9;

/// What must be free before `cost` is let in. A floor that would make even an untouched limiter
/// refuse is cut down, so that every cost that fits at all gets in some day.
double room_needed(double cost, double floor, double capacity) {
  return std::min(cost + floor, capacity);
}

bool fits_never(double cost, double capacity) { return !(cost <= capacity); }

/// Level `burst` at the start, refilled with `rate` a second. Kept as the deficit at the last
/// change: deficits are small numbers and elapsed times are whole nanoseconds, so that nothing
/// drifts over long runs.
class bucket final : public shape {
 public:
  bucket(const rate_limit& limit, double floor, instant start)
      : rate_(limit.amount / seconds(limit.window)),
        burst_(limit.burst),
        floor_(floor),
        at_(start) {}

  double level(instant now) const override { return burst_ - deficit(now); }

  instant earliest(double cost, instant now) const override {
    if (fits_never(cost, burst_)) return instant::max();
    const double allowed = burst_ - room_needed(cost, floor_, burst_);
    const double excess = deficit(now) - allowed;
    if (excess <= 0) return now;
    const double wait_s = excess / rate_;
    if (!(wait_s < never_s)) return instant::max();
    return first_tick(std::max(now, at_), duration(static_cast<duration::rep>(wait_s * 1e9)),
                      allowed);
  }

  void take(double cost, instant now) override {
    deficit_ = deficit(now) + cost;
    at_ = std::max(at_, now);
  }

  void settle(double surplus, instant now) override {
    deficit_ = std::max(0.0, deficit(now) - surplus);
    at_ = std::max(at_, now);
  }

  void settle(double surplus, instant, instant now) override { settle(surplus, now); }

 private:
  double deficit(instant now) const {
    if (now <= at_) return deficit_;
    return std::max(0.0, deficit_ - rate_ * seconds(now - at_));
  }

  /// The first tick after `from`, near `from + guess`, whose deficit is small enough by the very
  /// arithmetic of `deficit`, which is monotone in time. REQUIRES: it is too large at `from`.
  instant first_tick(instant from, duration guess, double allowed) const {
    instant low = std::max(from, from + guess - duration{2});
    if (deficit(low) <= allowed) low = from;
    instant high = std::max(low, from + guess) + duration{1};
    for (duration step{1}; deficit(high) > allowed; step *= 2) {
      low = high;
      high += step;
    }
    while (high - low > duration{1}) {
      const instant middle = low + (high - low) / 2;
      (deficit(middle) > allowed ? low : high) = middle;
    }
    return high;
  }

  double rate_;
  double burst_;
  double floor_;
  double deficit_ = 0;
  instant at_;
};

/// Counts within windows [start + k W, start + (k + 1) W).
class fixed_window final : public shape {
 public:
  fixed_window(const rate_limit& limit, double floor, instant start)
      : amount_(limit.amount), floor_(floor), window_(limit.window), begin_(start) {}

  double level(instant now) const override { return amount_ - used(now); }

  instant earliest(double cost, instant now) const override {
    if (fits_never(cost, amount_)) return instant::max();
    const double needed = room_needed(cost, floor_, amount_);
    return used(now) + needed <= amount_ ? now : begin_of(now) + window_;
  }

  void take(double cost, instant now) override {
    used_ = used(now) + cost;
    begin_ = begin_of(now);
  }

  void settle(double surplus, instant now) override {
    used_ = std::max(0.0, used(now) - surplus);
    begin_ = begin_of(now);
  }

  void settle(double surplus, instant taken, instant now) override {
    if (surplus < 0 || taken >= begin_of(now)) settle(surplus, now);
  }

 private:
  instant begin_of(instant now) const {
    return now < begin_ ? begin_ : begin_ + (now - begin_) / window_ * window_;
  }

  double used(instant now) const { return begin_of(now) == begin_ ? used_ : 0; }

  double amount_;
  double floor_;
  duration window_;
  instant begin_;  ///< of the window that `used_` belongs to
  double used_ = 0;
};

/// Remembers what was taken within (now - W, now]: a share taken at s is free again at s + W.
/// Holds at most `amount` entries, or 1,024: beyond that the newest ones are joined under the later
/// time, which errs on the safe side.
class sliding_log final : public shape {
 public:
  sliding_log(const rate_limit& limit, double floor)
      : amount_(limit.amount),
        floor_(floor),
        window_(limit.window),
        most_entries_(static_cast<std::size_t>(std::clamp(limit.amount, 1'024.0, 1e7))) {}

  double level(instant now) const override { return amount_ - used(now); }

  instant earliest(double cost, instant now) const override {
    if (fits_never(cost, amount_)) return instant::max();
    double excess = sum_ + room_needed(cost, floor_, amount_) - amount_;
    for (const auto& entry : log_) {
      const bool gone = entry.at + window_ <= now;
      if (!gone && excess <= 0) return now;
      excess -= entry.cost;
      if (!gone && excess <= 0) return entry.at + window_;
    }
    return log_.empty() ? now : std::max(now, log_.back().at + window_);
  }

  void take(double cost, instant now) override {
    drop_expired(now);
    if (cost <= 0) return;
    sum_ += cost;
    if (!log_.empty() && (log_.back().at >= now || log_.size() >= most_entries_)) {
      log_.back().cost += cost;
      log_.back().at = std::max(log_.back().at, now);
    } else {
      log_.push_back({now, cost});
    }
  }

  void settle(double surplus, instant now) override {
    drop_expired(now);
    if (surplus < 0) return take(-surplus, now);
    for (auto entry = log_.begin(); entry != log_.end() && surplus > 0; ++entry)
      surplus -= reduce(*entry, surplus);
    drop_expired(now);
  }

  void settle(double surplus, instant taken, instant now) override {
    drop_expired(now);
    if (surplus < 0) return take(-surplus, now);
    auto entry = std::lower_bound(log_.begin(), log_.end(), taken,
                                  [](const share& s, instant t) { return s.at < t; });
    if (taken + window_ > now && entry != log_.end()) reduce(*entry, surplus);
    drop_expired(now);
  }

 private:
  struct share {
    instant at;
    double cost;
  };

  double used(instant now) const {
    double used = sum_;
    for (const auto& entry : log_) {
      if (entry.at + window_ > now) break;
      used -= entry.cost;
    }
    return used;
  }

  double reduce(share& entry, double surplus) {
    const double part = std::min(entry.cost, surplus);
    entry.cost -= part;
    sum_ -= part;
    return part;
  }

  /// Also forgets shares that were given back entirely; an empty log restarts the sum at exactly 0.
  void drop_expired(instant now) {
    while (!log_.empty() && (log_.front().at + window_ <= now || log_.front().cost <= 0)) {
      sum_ -= log_.front().cost;
      log_.pop_front();
    }
    if (log_.empty()) sum_ = 0;
  }

  double amount_;
  double floor_;
  duration window_;
  std::size_t most_entries_;
  std::deque<share> log_;
  double sum_ = 0;
};

}  // namespace

std::unique_ptr<shape> make_shape(const rate_limit& limit, double floor, instant start) {
  floor = std::max(0.0, floor);
  switch (limit.shape) {
    case limit_shape::fixed_window:
      return std::make_unique<fixed_window>(limit, floor, start);
    case limit_shape::sliding_log:
      return std::make_unique<sliding_log>(limit, floor);
    case limit_shape::bucket:
      break;
  }
  return std::make_unique<bucket>(limit, floor, start);
}

}  // namespace assay::limits
