#pragma once

#include <cstdint>
#include <vector>

#include "messages/units.hpp"

namespace assay::transport {

/// When to look at whom next: a heap with lazy re-insertion. A deadline that moves later (every
/// byte of a stream moves the idle deadline) costs nothing; it is looked up again only when the
/// old moment has come. Pure: the time is an argument. Used by one thread.
///
/// Invariant: an owner with a deadline has an entry in the heap that is not later than it.
class deadline_queue {
 public:
  using owner = std::uint32_t;  ///< small numbers, used again and again

  static constexpr instant never = instant::max();

  /// The deadline of `who` is now `when`. O(1) unless it moved earlier.
  void set(owner who, instant when);

  /// `who` has no deadline any more. O(1).
  void clear(owner who) { set(who, never); }

  /// The moment to call `overdue`; `never` if there is nothing to wait for. May be too early.
  instant next() const { return heap_.empty() ? never : heap_.front().when; }

  /// Takes out everybody whose deadline is not after `now`.
  std::vector<owner> overdue(instant now);

 private:
  struct entry {
    instant when;
    owner who;
    bool operator<(const entry& other) const { return when > other.when; }  // earliest on top
  };
  struct line {
    instant deadline = never;
    instant queued = never;  // the entry that counts; others of the same owner are leftovers
  };

  void push(owner who, instant when);
  entry pop();

  std::vector<line> lines_;
  std::vector<entry> heap_;
};

}  // namespace assay::transport
