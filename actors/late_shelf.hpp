#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "messages/node.hpp"

namespace assay::actors {

/// Late results that wait for the turn of their task. There is room for so many and for so many
/// bytes; the oldest make room for new ones: at worst, a task is asked once more.
class late_shelf {
 public:
  struct room {
    std::size_t results = 20'000;
    std::size_t bytes = std::size_t{256} << 20;
  };
  explicit late_shelf(room most) : most_(most) {}

  /// Replaces an earlier one of the same task and run. Gives how many had to go.
  std::size_t put(late_result);
  std::optional<late_result> take(std::int64_t run, const task_key&);
  void drop(std::int64_t run, const task_key&);
  /// All of a run, oldest first.
  std::vector<late_result> take_all(std::int64_t run);

  std::size_t size() const { return by_task_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct entry {
    late_result what;
    std::size_t bytes = 0;
  };
  using place = std::list<entry>::iterator;
  using task_of_run = std::pair<std::int64_t, task_key>;
  entry remove(std::map<task_of_run, place>::iterator);

  room most_;
  std::list<entry> oldest_first_;
  std::map<task_of_run, place> by_task_;
  std::size_t bytes_ = 0;
};

}  // namespace assay::actors
