#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/settings.hpp"
#include "messages/units.hpp"
#include "providers/limits/findings.hpp"
#include "providers/limits/shapes.hpp"

namespace assay::limits {

/// What one request is charged with, besides counting as one request.
struct charge {
  double input_tokens = 0;
  double output_tokens = 0;
  double cost_usd = 0;
  std::uint32_t model = 0;  ///< index from `account::model`; 0: none in particular
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

  /// The index of this model for `charge::model`; the same name always gives the same index.
  std::uint32_t model(const std::string& name);

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

  // -- what the API says --

  /// The rate headers of the answer to a request sent at `sent`; at the first byte or at the end.
  void headers(const std::vector<rate_header>&, const charge&, instant sent, instant now);

  /// True if headers would be worth knowing before the answer has ended.
  bool wants_headers() const { return false; }

  /// The API took the request that was admitted at `admitted`.
  void accepted(const charge&, instant admitted, instant now);

  /// How often in a row a limit has cut, a 429 to a request admitted at `admitted` included.
  int cuts_in_a_row(const charge&, instant admitted) const {
    return cuts_ + (admitted >= last_cut_ ? 1 : 0);
  }

  /// What a 429 led to: nothing is sent before `until`; `first_of_group` is false for those that
  /// were on their way when the gate closed.
  struct cut {
    instant until;
    bool first_of_group;
  };

  /// The API refused a request admitted at `admitted` because of a limit (429). `backoff` is the
  /// wait if the API gives no hint.
  cut limited(const api_error&, const charge&, instant admitted, instant now, duration backoff);

  /// The API refused because traffic grew too fast.
  void ramp_limited(const charge&, instant now);

  /// The API has no capacity at the moment (503, 529).
  void overloaded(const charge&, instant now);

  // -- what is known --

  findings known(instant now) const;
  snapshot save(instant now) const;
  /// Goes on from a snapshot that was taken `ago` before `now`. What is not sure to be free again
  /// is taken to be used, so that no window ever holds more than its limit.
  void restore(const snapshot&, duration ago, instant now);

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
  instant last_cut_{};
  int cuts_ = 0;  ///< in a row
  std::vector<std::string> models_{std::string{}};
};

}  // namespace assay::limits
