#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "messages/work.hpp"

namespace assay::actors {

/// What one run still has to send, in the order in which it is to go: tasks that only the asker can
/// serve before those that others could take too, then models that a limit of their own holds back
/// (a permit of theirs that passes unused is lost, while others can use the places), then the class
/// whose answers take longest (by what has been measured, before that by what was expected), within
/// a class in plan order. Longest first, because the makespan ends with the last long answer
/// (docs/limits.md, D1).
///
/// Invariant: each position is in here, or in hand, or done.
class run_queue {
 public:
  /// One that holds the positions of the work.
  explicit run_queue(work_ptr);
  /// One for tasks that nobody knows of before they are wanted.
  run_queue() = default;
  run_queue(run_queue&&) = default;
  run_queue& operator=(run_queue&&) = default;

  /// Puts in a task that is not in the plan, and gives it a position. It is kept until `done`.
  std::uint32_t add(follow_up);
  void done(std::uint32_t position) { added_.erase(position); }

  /// The class from which this provider would get its next task; null if none. `may_take(class)`
  /// leaves out classes that are closed to the provider.
  template <class MayTake>
  const task_class* next(const std::string& provider, bool shortest, MayTake may_take);
  /// Takes the head of the class that `next` named (the tail, if `shortest` and the order is free).
  std::uint32_t take(const task_class&, bool shortest);
  /// One that was tried goes behind the others, so that an outage is not borne by one task.
  void put_back(std::uint32_t position, bool tried = false);
  /// Takes this very one out. O(n): for the few that end otherwise.
  void remove(std::uint32_t position);
  /// Takes out all that pass.
  template <class Pred>
  std::vector<std::uint32_t> remove_if(Pred);

  /// A task of the position's class took so long.
  void measured(std::uint32_t position, double service_s);

  /// A limit of its own holds this model back now and then.
  void scarce(const std::string& model);

  std::uint64_t pending() const { return pending_; }
  task make(std::uint32_t position) const;
  /// Calls `visit(class)` for each class with pending tasks.
  template <class Visit>
  void for_each_pending(Visit visit) const {
    for (const auto& l : lines_)
      if (!l.positions.empty()) visit(l);
  }

 private:
  struct line : task_class {
    std::deque<std::uint32_t> positions;
    bool scarce = false;
    double mean_s = 0;
    double ranked_s = 0;  ///< `mean_s` when the lines were last put in order
  };
  struct added {
    task what;
    line* of = nullptr;
  };

  bool in_order() const { return work_ && work_->in_order; }
  line& line_for(const task_class&);
  line& line_of(std::uint32_t position);
  const std::vector<line*>& lines_for(const std::string& provider);

  work_ptr work_;
  std::deque<line> lines_;                           ///< one a class; they stay where they are
  std::map<std::string, std::vector<line*>> order_;  ///< of a provider's lines; empty: stale
  std::unordered_map<std::uint32_t, added> added_;
  std::uint32_t next_added_ = first_follow_up;
  std::uint64_t pending_ = 0;
};

template <class MayTake>
const task_class* run_queue::next(const std::string& provider, bool shortest, MayTake may_take) {
  const auto& lines = lines_for(provider);
  const task_class* found = nullptr;
  for (const auto* l : lines) {
    if (l->positions.empty() || !may_take(*l)) continue;
    found = l;
    if (!shortest) break;
  }
  return found;
}

template <class Pred>
std::vector<std::uint32_t> run_queue::remove_if(Pred passes) {
  std::vector<std::uint32_t> out;
  for (auto& l : lines_)
    std::erase_if(l.positions, [&](std::uint32_t position) {
      if (!passes(position)) return false;
      out.push_back(position);
      return true;
    });
  pending_ -= out.size();
  return out;
}

}  // namespace assay::actors
