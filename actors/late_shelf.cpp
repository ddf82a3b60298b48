#include "actors/late_shelf.hpp"

#include "messages/wire_size.hpp"

namespace assay::actors {

std::size_t late_shelf::put(late_result r) {
  drop(r.run, r.key);
  auto size = wire_size(r);
  bytes_ += size;
  task_of_run whose{r.run, r.key};
  oldest_first_.push_back({std::move(r), size});
  by_task_.emplace(whose, std::prev(oldest_first_.end()));
  std::size_t gone = 0;
  for (; by_task_.size() > most_.results || bytes_ > most_.bytes; ++gone) {
    const auto& oldest = oldest_first_.front().what;
    drop(oldest.run, oldest.key);
  }
  return gone;
}

late_shelf::entry late_shelf::remove(std::map<task_of_run, place>::iterator found) {
  auto gone = std::move(*found->second);
  bytes_ -= gone.bytes;
  oldest_first_.erase(found->second);
  by_task_.erase(found);
  return gone;
}

void late_shelf::drop(std::int64_t run, const task_key& key) {
  if (auto found = by_task_.find({run, key}); found != by_task_.end()) remove(found);
}

std::optional<late_result> late_shelf::take(std::int64_t run, const task_key& key) {
  auto found = by_task_.find({run, key});
  if (found == by_task_.end()) return std::nullopt;
  return remove(found).what;
}

std::vector<late_result> late_shelf::take_all(std::int64_t run) {
  std::vector<late_result> all;
  for (auto next = oldest_first_.begin(); next != oldest_first_.end();) {
    auto at = next++;
    if (at->what.run == run) all.push_back(remove(by_task_.find({run, at->what.key})).what);
  }
  return all;
}

}  // namespace assay::actors
