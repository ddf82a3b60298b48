#pragma once

#include <memory>
#include <optional>

#include "messages/attempt.hpp"
#include "messages/known_limits.hpp"
#include "providers/limits/empty_marks.hpp"
#include "providers/limits/places_search.hpp"
#include "providers/limits/send_log.hpp"
#include "providers/limits/shapes.hpp"

namespace assay::limits {

/// Finds out an unknown limit from nothing but which requests were refused, and keeps to it.
///
/// - *ramp*: 40 a second, x 1.6 each second, until the first refusal (faster at an API that answers
///   within 60 ms).
/// - *trickle*: single requests, further and further apart, until one is taken; then two, four,
/// eight
///   at a time until the next refusal. A refusal comes back at once: silence for `reach` means
///   taken.
/// - *paced*: at the rate between empty marks, a little above it while it is not yet exact;
/// afterwards
///   a little below, but faster and faster the longer there was no refusal, so that a raised limit
///   is found. How long that takes doubles while the rate stays, and is short while it moves.
/// - *window*: after a drought more was taken than a bucket could give. Sends as before, a window
/// later
///   (a sliding log); when that is refused, the ends of droughts are the borders of a fixed window.
/// - *places*: refusals come at the same number in flight, whatever the rate: stays below it.
///
/// Pure: the time is an argument and never goes backwards.
class rate_search {
 public:
  explicit rate_search(dimension counts) : counts_(counts) {}

  dimension counts() const { return counts_; }
  /// Begins the ramp at `now`, although nothing was refused yet. `answer`: how long an answer took;
  /// a refusal takes no longer, so the faster it is, the faster the ramp may be.
  void ramp(instant now, duration answer);

  /// Goes on from what an earlier search found, of which `left` may go at once. A window counts
  /// what was sent before. REQUIRES: nothing was refused yet.
  void resume(const known_rate&, instant now);

  instant earliest(double cost, instant now) const;
  /// The most that may be in flight; absent unless that is what is limited.
  std::optional<int> places(instant now) const;
  /// `in_flight`: before this one.
  void sent(double cost, int in_flight, instant now);
  /// The request that left at `sent` was refused; `retry_after` is what the API said, if it did.
  void refused(double cost, instant sent, instant now, std::optional<duration> retry_after);

  std::optional<known_rate> found(instant now) const;

 private:
  enum class mode : std::uint8_t { ramp, trickle, paced, window, places };

  /// The limiter was empty at `refused` and not any more at `taken`.
  struct drought_end {
    instant refused;
    instant taken;
    double accepted;  ///< in all, before the one that was taken
    int in_flight;    ///< when it was taken
  };

  double accepted_until(instant) const;
  double unit() const;
  instant resume_at() const;
  void trust_silence(instant now);
  void taken(const send_log::entry&);
  void count_sent(double cost, instant now);

  void end_group(instant now);
  void begin_drought();
  double wider_spacing() const;
  instant probe_at() const;
  void pace(instant now);
  double pace_at(instant now) const;

  bool no_bucket(instant sure) const;
  bool first_is_free() const;
  bool sent_before_known(instant) const;
  void leave_drought(instant now);
  bool knows_sends_before(const drought_end&) const;
  void keep_window(instant now);
  void keep_log(const drought_end&);
  void mirror_log(instant start);
  void keep_fixed(const drought_end&, instant now);

  dimension counts_;
  mode mode_ = mode::trickle;
  send_log sends_;
  double refused_ = 0;         ///< cost, in all
  double requests_ = 0;        ///< sent, in all
  std::uint64_t trusted_ = 0;  ///< sends whose fate is known, from the first one on
  double reach_s_ = 0.15;      ///< within which a refusal comes back
  instant next_{};             ///< the earliest next send
  empty_marks marks_;
  std::optional<empty_marks::mark> first_mark_;
  instant began_{};
  bool busy_ = true;    ///< since the last mark
  bool group_ = false;  ///< of refusals is coming in
  instant group_began_{};
  int group_places_ = 0;

  double ramp_speed_ = 1;

  // trickle
  double spacing_s_ = 0;
  int round_ = 1;
  int left_of_round_ = 1;
  instant drought_began_{};
  int fewest_ = 0;  ///< in flight at the refusals of the drought
  int most_ = 0;
  std::optional<drought_end> end_;

  // paced
  double rate_ = 0;
  double error_ = 1;
  double patience_s_ = 20;
  instant paced_from_{};
  double chunk_ = 0;  ///< what is let in at once between droughts too short to be told apart
  double accepted_at_pace_ = 0;
  double accepted_before_ = 0;
  double head_start_ = 0;  ///< what may go at once
  double burst_ = 0;       ///< as an earlier search found it
  bool believed_ = false;  ///< the rate of an earlier search, and nothing speaks against it yet

  // window
  std::unique_ptr<shape> window_;
  double window_amount_ = 0;
  double window_s_ = 0;
  bool fixed_ = false;
  std::optional<drought_end> last_end_;

  places_search places_;
  bool supposed_places_ = false;  ///< once is enough
};

}  // namespace assay::limits
