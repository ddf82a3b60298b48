#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "messages/error_class.hpp"
#include "messages/units.hpp"

namespace assay::limits {

/// What one exchange says about the health of the API.
enum class sign : std::uint8_t {
  alive,   ///< it answered
  failed,  ///< overloaded, broken or out of reach
  none,    ///< a limit, a quota, or a request that was wrong: says nothing about health
};

sign sign_of(error_class);

/// When a breaker opens and how it closes again (docs/limits.md, B4).
struct breaker_policy {
  int least_results = 20;     ///< within 30 s, before anything is concluded
  double failure_part = 0.5;  ///< of them that opens it
  int least_in_a_row = 4;     ///< failures without a success between them that open it ...
  duration in_a_row_for = std::chrono::seconds(3);  ///< ... if they took so long
  duration first_open = std::chrono::seconds(5);
  duration longest_open = std::chrono::seconds(300);
};

/// Keeps work away from an API that fails, for one model of one provider. Closed: counts the
/// results of the last 30 s. Open: allows nothing for 5 s, twice as long each time it fails again,
/// or as long as the API asks for. Half-open: allows one real request, then 2, 4 and 8 at a time as
/// long as half of them come back alive, then closes: an API that fails now and then is used all
/// the same. It holds work back, it never fails it. Pure: the time is an argument and never goes
/// backwards.
class breaker {
 public:
  enum class state : std::uint8_t { closed, open, half_open };

  explicit breaker(const breaker_policy& policy = {}) : policy_(policy) {}

  /// True if a request may start now.
  bool allows(instant now) const { return earliest(now) <= now; }
  /// When one may start; `instant::max()` while that depends on probes that are under way.
  instant earliest(instant now) const;
  state at(instant now) const;

  /// A request starts. REQUIRES: `allows(now)`.
  void started(instant now);
  /// What a request came to that started at `started`. `retry_after`: how long the API asked to be
  /// left alone, if it did. Results of requests older than the last opening change nothing.
  void result(sign, instant started, instant now, std::optional<duration> retry_after = {});

 private:
  static constexpr int slots = 30;  ///< of one second each

  struct slot {
    std::int64_t second = -1;
    int alive = 0;
    int failed = 0;
  };

  void count(sign, instant now);
  bool failing(instant now) const;
  void open(instant now, std::optional<duration> retry_after);
  void probe_ended(sign, instant now, std::optional<duration> retry_after);

  breaker_policy policy_;
  std::array<slot, slots> recent_{};
  std::optional<instant> open_until_;  ///< absent: closed
  instant closed_at_{};
  int openings_ = 0;        ///< in a row
  int probes_allowed_ = 0;  ///< half-open: of this round
  int probes_started_ = 0;  ///< of this round
  int probes_alive_ = 0;    ///< of this round
  int probes_failed_ = 0;   ///< of this round
  int in_a_row_ = 0;        ///< failures since the last success
  instant row_began_{};
};

}  // namespace assay::limits
