#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "messages/node.hpp"

namespace assay::actors {

/// Exchanges that nodes make since before there was this scheduler: their tasks are not sent again
/// while the end of one may still come.
class awaited_calls {
 public:
  using task_of_run = std::pair<std::int64_t, task_key>;

  void put(const std::string& node, const call_under_way& c) {
    calls_[{c.run, c.key}] = {node, c.over};
  }
  void erase(const task_of_run& whose) { calls_.erase(whose); }
  bool contains(const task_of_run& whose) const { return calls_.count(whose) > 0; }
  /// Forgets those at the node; gives whose they were.
  std::vector<task_of_run> leave(const std::string& node) {
    return take_if([&](const call& c) { return c.node == node; });
  }
  /// Forgets those that have met their time-out.
  std::vector<task_of_run> over(instant now) {
    return take_if([&](const call& c) { return c.over <= now; });
  }

 private:
  struct call {
    std::string node;
    instant over;
  };
  template <class Pred>
  std::vector<task_of_run> take_if(Pred passes) {
    std::vector<task_of_run> taken;
    std::erase_if(calls_, [&](const auto& entry) {
      if (!passes(entry.second)) return false;
      taken.push_back(entry.first);
      return true;
    });
    return taken;
  }

  std::map<task_of_run, call> calls_;
};

}  // namespace assay::actors
