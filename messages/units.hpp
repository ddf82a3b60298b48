#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>

namespace assay {

using milliseconds = std::chrono::milliseconds;

/// A moment on the actor clock (steady; virtual in tests). The epoch stands for "did not happen".
using instant = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// Seconds as a floating-point number, for arithmetic on rates.
inline double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

/// The duration nearest to `s` seconds. A hundred years stand for all that is longer: an instant
/// that is so far away can still be told.
inline duration from_seconds(double s) {
  constexpr std::chrono::duration<double> longest = std::chrono::hours(24) * 366 * 100;
  auto span = std::clamp(std::chrono::duration<double>(s), -longest, longest);
  return std::chrono::duration_cast<duration>(span);
}

/// An amount of money in US dollars.
struct usd {
  double value = 0;

  auto operator<=>(const usd&) const = default;
  usd& operator+=(usd other) {
    value += other.value;
    return *this;
  }
  friend usd operator+(usd a, usd b) { return {a.value + b.value}; }
  friend usd operator*(usd a, double n) { return {a.value * n}; }
};

/// Ties the steady clock to the calendar: taken once at start-up, so that all records of a process
/// agree with each other even when the system clock is set in between.
struct time_anchor {
  instant steady{};
  std::chrono::system_clock::time_point calendar{};

  /// Nanoseconds since the Unix epoch at `t`; 0 if `t` did not happen.
  std::int64_t unix_ns(instant t) const {
    if (t == instant{}) return 0;
    auto at = calendar.time_since_epoch() + (t - steady);
    return std::chrono::duration_cast<std::chrono::nanoseconds>(at).count();
  }
};

}  // namespace assay
