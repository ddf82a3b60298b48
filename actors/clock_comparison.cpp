#include "actors/clock_comparison.hpp"

#include <algorithm>

namespace assay::actors {

void clock_comparison::add(instant sent, instant seen, instant received) {
  auto half_way = (received - sent) / 2;
  last_.push_back({sent + half_way - seen, half_way});
  if (last_.size() > rounds) last_.pop_front();
}

std::optional<clock_comparison::result> clock_comparison::best() const {
  auto shortest = std::min_element(last_.begin(), last_.end(),
                                   [](auto& a, auto& b) { return a.error < b.error; });
  if (shortest == last_.end()) return std::nullopt;
  return *shortest;
}

timeline moved_back(timeline at, std::chrono::nanoseconds offset) {
  for (auto* moment : {&at.intended, &at.admitted, &at.sent, &at.first_byte, &at.first_event,
                       &at.first_reasoning, &at.first_content, &at.last_content, &at.done})
    if (*moment != instant{}) *moment -= offset;
  return at;
}

}  // namespace assay::actors
