#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/known_limits.hpp"
#include "providers/limits/charge.hpp"
#include "providers/limits/header_mirror.hpp"
#include "providers/limits/rate_search.hpp"

namespace assay::limits {

/// What the API itself has told, by headers and refusals, about one scope: the account, one of its
/// models, or one address. On top of what is configured, never instead of it.
///
/// Two clocks: `held_until` is when something may be sent again; `last_cut` tells which refusals
/// belong to the same cut, namely those of requests that left before it.
class scope_limits {
 public:
  struct cut {
    instant until;
    bool first_of_group;
  };

  /// `bounded`: a limit of requests is configured, so nothing needs to be felt out.
  explicit scope_limits(bool bounded);

  instant earliest(const charge&, instant now) const;
  /// The most that may be in flight, as far as refusals have shown.
  std::optional<int> places(instant now) const;
  void admit(const charge&, instant now);
  void release(double surplus_in, double surplus_out, instant admitted, instant now);
  /// What small requests may be sent now, as far as headers tell.
  double room(instant now) const;
  /// What keeps this request back beyond `than`; moves `than` on. Empty if nothing does.
  std::string held_back_by(const charge&, instant now, instant& than) const;

  void hold(instant until) { held_until_ = std::max(held_until_, until); }
  instant held_until() const { return held_until_; }
  int in_flight() const { return in_flight_; }

  void headers(const std::vector<rate_header>&, const charge&, instant sent, instant now);
  bool wants_headers() const { return answers_without_headers_ < 8; }
  void accepted(instant admitted, instant now);
  int cuts_in_a_row(instant admitted) const { return cuts_ + (admitted >= last_cut_ ? 1 : 0); }
  cut limited(const api_error&, const charge&, instant admitted, instant now, duration backoff);
  void ramp_limited(instant now);

  /// Goes on from what an earlier search found. REQUIRES: nothing was refused yet.
  void resume(const known_rate&, instant now);
  /// What is known, as that of this model or this address.
  void add_to(known_limits&, const std::string& model, const std::string& address,
              instant now) const;

 private:
  const header_mirror* mirror_of(dimension) const;
  bool counts(const header_mirror&) const;
  bool searching() const { return !searches_.empty(); }
  rate_search& search_for(dimension);
  bool explained(const api_error&) const;
  double slowed(instant now) const;

  std::vector<header_mirror> mirrors_;
  std::vector<rate_search> searches_;
  bool scouting_;  ///< one request alone finds out whether headers tell the limits
  bool bounded_;
  instant scout_until_{};
  int in_flight_ = 0;
  int answers_without_headers_ = 0;
  bool had_headers_ = false;
  instant held_until_{};
  instant last_cut_{};
  int cuts_ = 0;         ///< in a row
  int unexplained_ = 0;  ///< cuts within the last sends that no known limit accounts for
  int sends_since_cut_ = 0;

  // traffic that grew too fast
  double ramp_rate_ = 0;  ///< requests a second when it was cut; 0: never was
  double recent_rate_ = 0;
  instant recent_at_{};
  instant ramp_cut_at_{};
  instant ramp_next_{};
};

}  // namespace assay::limits
