#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "messages/units.hpp"

namespace assay::limits {

/// What was sent and when, of the last two minutes or 16,384 sends. A question about older sends is
/// answered as if they had never been. Pure: the time is an argument and never goes backwards.
class send_log {
 public:
  struct entry {
    instant at;
    double cost;
    double total;   ///< of all sends up to this one
    int in_flight;  ///< when it was sent, itself not counted
    bool refused;
  };

  void add(double cost, int in_flight, instant now);

  /// Marks the last of the sends of this moment that was not yet as refused; null if it is not
  /// known any more.
  const entry* refuse(instant at);

  /// The cost of all sends later than `t`.
  double after(instant t) const { return total_ - total_until(t); }
  /// The cost of the sends in (from, to].
  double between(instant from, instant to) const { return total_until(to) - total_until(from); }
  double total() const { return total_; }
  /// All that is remembered, oldest first.
  const std::deque<entry>& entries() const { return entries_; }
  /// How many entries have been forgotten since the beginning.
  std::uint64_t forgotten() const { return forgotten_; }

 private:
  double total_until(instant t) const;

  std::deque<entry> entries_;
  double total_ = 0;
  std::uint64_t forgotten_ = 0;
};

}  // namespace assay::limits
