#include "providers/transport/deadline_queue.hpp"

#include <algorithm>

namespace assay::transport {

void deadline_queue::set(owner who, instant when) {
  if (who >= lines_.size()) lines_.resize(who + 1);
  lines_[who].deadline = when;
  if (when < lines_[who].queued) push(who, when);
}

std::vector<deadline_queue::owner> deadline_queue::overdue(instant now) {
  std::vector<owner> due;
  while (!heap_.empty() && heap_.front().when <= now) {
    auto [when, who] = pop();
    auto& its = lines_[who];
    if (its.queued != when) continue;
    its.queued = never;
    if (its.deadline == never) continue;
    if (its.deadline > now) {
      push(who, its.deadline);
    } else {
      its.deadline = never;
      due.push_back(who);
    }
  }
  return due;
}

void deadline_queue::push(owner who, instant when) {
  lines_[who].queued = when;
  heap_.push_back({when, who});
  std::push_heap(heap_.begin(), heap_.end());
}

deadline_queue::entry deadline_queue::pop() {
  std::pop_heap(heap_.begin(), heap_.end());
  auto top = heap_.back();
  heap_.pop_back();
  return top;
}

}  // namespace assay::transport
