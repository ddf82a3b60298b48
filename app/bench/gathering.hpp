#pragma once

#include <string>
#include <vector>

#include "messages/node.hpp"
#include "messages/units.hpp"

namespace assay::bench {

/// Who is to take part.
struct gathering_wishes {
  std::vector<std::string> names;  ///< of places; empty: every node
  std::size_t least = 1;           ///< nodes, where every node is wanted
  duration patience = std::chrono::seconds(60);
};

/// Where every node is wanted, another one may be about to come for so long after the last.
inline constexpr duration settling = std::chrono::seconds(3);

/// Waits for the places that are to take part. Pure: the time is an argument.
class gathering {
 public:
  gathering(gathering_wishes wanted, instant now)
      : wanted_(std::move(wanted)), began_(now), changed_(now) {}

  /// True once nobody more is waited for. `ready`: who can be called now.
  bool is_over(const std::vector<std::string>& ready, instant now);

 private:
  gathering_wishes wanted_;
  instant began_, changed_;
  std::vector<std::string> ready_;
};

/// Of each place that is wanted and cannot be called, a sentence that says why.
std::vector<std::string> absent(const gathering_wishes&, const std::vector<std::string>& ready,
                                const std::vector<node_status>&, const std::string& account);

}  // namespace assay::bench
