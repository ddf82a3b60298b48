#pragma once

#include "messages/units.hpp"

namespace assay::limits {

/// Tells a limit of what may be in flight from a limit of rate: its refusals come at the same
/// number in flight each time, and nothing above that number is ever taken. Numbers are those
/// before the request itself.
class places_search {
 public:
  /// A request that left with so many others in flight was taken.
  void taken(int in_flight, instant now);
  /// A group of requests was refused, the first of them with so many in flight.
  void refused(int in_flight, instant now);

  /// True once that is what is limited.
  bool found() const;
  /// How many may be in flight: one more than is known to be safe when it is time to try that.
  int most(instant now) const;
  /// Supposes it after the first refusals: only as many are let in flight, and a few more after
  /// each turnover. Four times refused again at that number, it is found; refused below it or soon
  /// again, or taken above it, it is not so.
  void suppose(int in_flight);
  bool supposed() const { return supposed_; }
  /// All refusals of a drought came at this number, and it ended when there were fewer.
  void assume(int in_flight, instant now);
  /// True if it was found and turned out to be wrong: begins anew.
  bool refuted();

 private:
  void begin_anew(int in_flight);
  void refused_as_supposed(int in_flight, instant now);

  bool supposed_ = false;
  int places_ = 0;     ///< the lowest number at a refusal
  int groups_ = 0;     ///< of refusals that agree
  int near_ = 0;       ///< requests taken just below, in all
  int between_ = 0;    ///< requests taken since the last group
  int surprises_ = 0;  ///< groups in a row with hardly anything taken between
  int found_at_ = 0;   ///< the number when it was found or last raised
  int groups_needed_ = 4;
  instant first_group_{};
  double raise_after_s_ = 30;
  instant raise_at_ = instant::max();
};

/// By how much numbers in flight may differ that mean the same: answers on their way to the client
/// are not in flight at the server any more.
int places_tolerance(int in_flight);

}  // namespace assay::limits
