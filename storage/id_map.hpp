#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace assay::storage {

/// What ids of one ledger are in another one. Ids that move together take the memory of one.
class id_map {
 public:
  /// REQUIRES: `from` is larger than all before.
  void add(std::int64_t from, std::int64_t to) {
    auto shift = to - from;
    if (!ranges_.empty() && ranges_.rbegin()->second.shift == shift)
      ranges_.rbegin()->second.last = from;
    else
      ranges_.emplace_hint(ranges_.end(), from, range{from, shift});
  }

  std::optional<std::int64_t> find(std::int64_t from) const {
    auto after = ranges_.upper_bound(from);
    if (after == ranges_.begin()) return std::nullopt;
    const auto& found = std::prev(after)->second;
    if (from > found.last) return std::nullopt;
    return from + found.shift;
  }

 private:
  struct range {
    std::int64_t last;
    std::int64_t shift;
  };
  std::map<std::int64_t, range> ranges_;  ///< by their first id
};

}  // namespace assay::storage
