#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/settings.hpp"
#include "messages/units.hpp"
#include "providers/limits/shapes.hpp"

namespace assay::limits {

/// What one request is charged with, besides counting as one request.
struct charge {
  double input_tokens = 0;
  double output_tokens = 0;
};

/// What a request will be charged with under a reserve policy: the estimated input, and for the
/// output the cap that was asked for (`max_tokens`), nothing (`none`), or `expected_output`.
charge charge_for(reserve_policy, std::int64_t input_tokens, std::optional<std::int32_t> max_tokens,
                  double expected_output);

/// The mirror of one provider account: every limit at once, so that a request is either charged to
/// all of them or to none. Pure: the time is an argument and never goes backwards.
///
/// Invariants: in flight <= max_parallel; no limit is charged above what it allows in any window.
/// Against requests that overtake each other on the way, a bucket keeps 3 requests + 0.15 s of its
/// rate in hand (at most half of what its burst has above one), a window is mirrored a little
/// longer than it is.
class account {
 public:
  account(const limit_settings&, instant start);

  /// The earliest moment, not before `now`, at which the limits of rate allow this request and no
  /// hold is on; `instant::max()` if it can never pass. Takes no notice of `max_parallel`.
  instant earliest(const charge&, instant now) const;

  /// True if the request may be sent now.
  bool fits(const charge& c, instant now) const {
    return free_slots() > 0 && earliest(c, now) <= now;
  }

  /// Charges all limits and takes a slot. REQUIRES: `fits`.
  void admit(const charge&, instant now);

  /// The exchange admitted at `admitted` is over: frees its slot, and books what it really used
  /// where the policy is not to charge the cap.
  void release(const charge& reserved, const charge& used, instant admitted, instant now);

  /// Sends nothing before `until`; a later hold extends an earlier one.
  void hold(instant until) { held_until_ = std::max(held_until_, until); }

  int free_slots() const { return max_parallel_ - in_flight_; }
  int in_flight() const { return in_flight_; }

  /// How many small requests could start by `now`, slots included.
  int room(instant now) const;

  /// The name of the limit that keeps this request back longest (`qps`, `tpm`, `max_parallel`,
  /// `retry-after`); empty if it may go now.
  std::string held_back_by(const charge&, instant now) const;

 private:
  struct mirrored {
    rate_limit limit;
    double floor;
    std::unique_ptr<shape> level;
  };

  static double amount(const charge&, dimension);

  std::vector<mirrored> mirrors_;
  reserve_policy reserve_;
  int max_parallel_;
  int in_flight_ = 0;
  instant held_until_{};
};

}  // namespace assay::limits
