#include "actors/lost_calls.hpp"

#include <algorithm>

namespace assay::actors {

void lost_calls::lost(const limits::charge& reserved, instant admitted, const std::string& node) {
  calls_.emplace(admitted + longest_, call{reserved, admitted, node, false});
}

void lost_calls::of_before(const std::string& node, std::uint32_t calls, std::uint32_t address,
                           instant arrive) {
  if (calls == 0) return;
  arriving_.emplace(arrive, arrival{node, calls, address});
  mirror_.hold(arrive);
}

void lost_calls::free_place(const call& c, instant now) {
  mirror_.release(c.reserved, c.reserved, c.admitted, now);
}

void lost_calls::ended_of_before(const std::string& node, instant now) {
  auto one = std::find_if(calls_.begin(), calls_.end(), [&](const auto& entry) {
    return entry.second.of_before && entry.second.node == node;
  });
  if (one == calls_.end()) return;
  free_place(one->second, now);
  calls_.erase(one);
}

void lost_calls::forget(const std::string& node, instant now) {
  std::erase_if(calls_, [&](const auto& entry) {
    if (entry.second.node != node) return false;
    free_place(entry.second, now);
    return true;
  });
  std::erase_if(arriving_, [&](const auto& entry) { return entry.second.node == node; });
}

void lost_calls::look(instant now) {
  for (auto end = arriving_.upper_bound(now); arriving_.begin() != end;) {
    const auto& [node, count, address] = arriving_.begin()->second;
    limits::charge one{.address = address};
    for (auto left = count; left > 0; --left) {
      mirror_.admit(one, now);
      calls_.emplace(now + longest_, call{one, now, node, true});
    }
    arriving_.erase(arriving_.begin());
  }
  auto end = calls_.upper_bound(now);
  for (auto c = calls_.begin(); c != end; ++c) free_place(c->second, now);
  calls_.erase(calls_.begin(), end);
}

instant lost_calls::next() const {
  auto when = instant::max();
  if (!arriving_.empty()) when = arriving_.begin()->first;
  if (!calls_.empty()) when = std::min(when, calls_.begin()->first);
  return when;
}

}  // namespace assay::actors
