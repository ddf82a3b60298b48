#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

namespace assay::analysis {

/// Brings answers, which come in the order in which they end, into the order in which they were
/// asked. An answer is held until those that were asked before it have probably come: as long as
/// four answers take on average, by the clock of the answers. What comes later still is given out
/// at once. So about four times as many answers are held as are under way at a time.
template <class Answer>
class sent_order {
 public:
  /// `position` orders answers that were asked at the same time. `at_once`: it tells nothing about
  /// how long answers take (one of a provider's batch), and is not held.
  void add(std::int64_t sent_ns, std::int64_t done_ns, std::uint32_t position, bool at_once,
           Answer answer) {
    newest_ns_ = std::max(newest_ns_, at_once ? sent_ns : done_ns);
    if (!at_once) {
      total_ns_ += static_cast<double>(done_ns - sent_ns);
      ++timed_;
    }
    held_.push_back({sent_ns, position, at_once, std::move(answer)});
    std::push_heap(held_.begin(), held_.end(), later);
  }

  /// Calls `take(answer)` for those that need not be held any more, in order.
  template <class Take>
  void release(Take take) {
    auto patience = timed_ == 0 ? 0.0 : 4 * total_ns_ / static_cast<double>(timed_);
    while (!held_.empty() && (held_.front().at_once ||
                              static_cast<double>(newest_ns_ - held_.front().sent_ns) > patience))
      take_first(take);
  }
  template <class Take>
  void release_all(Take take) {
    while (!held_.empty()) take_first(take);
  }

  std::size_t held() const { return held_.size(); }

 private:
  struct entry {
    std::int64_t sent_ns;
    std::uint32_t position;
    bool at_once;
    Answer answer;
  };

  static bool later(const entry& a, const entry& b) {
    return std::tie(a.sent_ns, a.position) > std::tie(b.sent_ns, b.position);
  }

  template <class Take>
  void take_first(Take take) {
    std::pop_heap(held_.begin(), held_.end(), later);
    auto first = std::move(held_.back().answer);
    held_.pop_back();
    take(std::move(first));
  }

  std::vector<entry> held_;  ///< a heap, the earliest first
  std::int64_t newest_ns_ = 0;
  double total_ns_ = 0;
  std::uint64_t timed_ = 0;
};

}  // namespace assay::analysis
