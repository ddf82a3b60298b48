#pragma once

#include <unordered_map>
#include <vector>

#include "messages/node.hpp"

namespace assay::actors {

/// What a node has under way of earlier connections, as it says, until it says how each ended.
class earlier_calls {
 public:
  earlier_calls() = default;
  explicit earlier_calls(std::vector<call_under_way>);

  bool empty() const { return by_key_.empty(); }
  /// How many of them are of this account.
  std::uint32_t at(const std::string& account) const;
  std::vector<call_under_way> all() const;
  /// One has ended. False if none of this kind was there.
  bool take(std::int64_t run, const task_key&, const std::string& account);

 private:
  std::unordered_multimap<task_key, call_under_way> by_key_;
};

}  // namespace assay::actors
