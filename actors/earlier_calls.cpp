#include "actors/earlier_calls.hpp"

#include <algorithm>

namespace assay::actors {

earlier_calls::earlier_calls(std::vector<call_under_way> calls) {
  for (auto& c : calls) by_key_.emplace(c.key, std::move(c));
}

std::uint32_t earlier_calls::at(const std::string& account) const {
  return static_cast<std::uint32_t>(
      std::count_if(by_key_.begin(), by_key_.end(),
                    [&](const auto& entry) { return entry.second.provider == account; }));
}

std::vector<call_under_way> earlier_calls::all() const {
  std::vector<call_under_way> calls;
  for (const auto& [key, c] : by_key_) calls.push_back(c);
  return calls;
}

bool earlier_calls::take(std::int64_t run, const task_key& key, const std::string& account) {
  auto [first, last] = by_key_.equal_range(key);
  auto found = std::find_if(first, last, [&](const auto& entry) {
    return entry.second.run == run && entry.second.provider == account;
  });
  if (found == last) return false;
  by_key_.erase(found);
  return true;
}

}  // namespace assay::actors
