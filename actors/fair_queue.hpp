#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace assay::actors {

/// Who is next, by priority and then by weighted fair share (start-time fair queueing: each turn
/// moves its taker on by cost / weight in virtual time; the one that is furthest behind is next).
/// A newcomer starts where the others are, so that it neither waits for nor overtakes the past.
/// Some have a reserve: this part of all turns is theirs before anybody else's, whatever the
/// priorities, so that they never starve. Every operation takes O(log n + those with a reserve).
template <class Id>
class fair_queue {
 public:
  /// REQUIRES: `weight > 0`, `0 <= reserve < 1`. One that is known already gets the new weight and
  /// keeps its place.
  void add(const Id& id, double weight, int priority = 0, double reserve = 0) {
    auto& e = entries_[id];
    if (reserve > 0) reserves_.try_emplace(id, reserved{reserve, 0});
    if (e.waiting) return;
    e.weight = weight;
    e.priority = priority;
    e.virtual_time = std::max(e.virtual_time, front(priority));
    e.waiting = true;
    waiting_.insert(place(id, e));
  }

  /// Takes it out of the queue for now; it keeps what it has been charged.
  void rest(const Id& id) {
    auto found = entries_.find(id);
    if (found == entries_.end() || !found->second.waiting) return;
    waiting_.erase(place(id, found->second));
    found->second.waiting = false;
  }

  /// The one whose turn it is, if any.
  std::optional<Id> next() const {
    if (waiting_.empty()) return std::nullopt;
    for (const auto& [id, r] : reserves_)
      if (r.due >= 1 && entries_.at(id).waiting) return id;
    return waiting_.begin()->second;
  }

  /// It has taken its turn, worth `cost`. REQUIRES: it is in the queue.
  void charge(const Id& id, double cost = 1) {
    auto& e = entries_.at(id);
    waiting_.erase(place(id, e));
    for (auto& [owner, r] : reserves_) r.due = std::min(most_due, r.due + r.part * cost);
    if (auto own = reserves_.find(id); own != reserves_.end())
      own->second.due = std::max(0.0, own->second.due - cost);
    front_[-e.priority] = e.virtual_time;
    e.virtual_time += cost / e.weight;
    waiting_.insert(place(id, e));
  }

 private:
  struct entry {
    double weight = 1;
    int priority = 0;
    double virtual_time = 0;
    bool waiting = false;
  };
  struct reserved {
    double part = 0;
    double due = 0;  ///< turns that its reserve has earned and that it has not taken
  };
  static constexpr double most_due = 2;  ///< one that wanted nothing for long gets no burst

  using rank = std::pair<int, double>;  // minus priority, virtual time: the least is next

  static std::pair<rank, Id> place(const Id& id, const entry& e) {
    return {{-e.priority, e.virtual_time}, id};
  }

  /// Virtual time of a priority: that of the one served last.
  double front(int priority) const {
    auto found = front_.find(-priority);
    return found == front_.end() ? 0 : found->second;
  }

  std::map<Id, entry> entries_;
  std::set<std::pair<rank, Id>> waiting_;
  std::map<int, double> front_;
  std::map<Id, reserved> reserves_;
};

}  // namespace assay::actors
