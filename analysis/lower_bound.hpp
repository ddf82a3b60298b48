#pragma once

#include <string>
#include <vector>

#include "messages/settings.hpp"

namespace assay::analysis {

/// A task as the bound sees it: measured service time of its successful attempt and what it was
/// charged.
struct served_task {
  double service_s = 0;  ///< sent -> done
  double tokens = 0;     ///< as charged to a token limit
};

struct bound {
  double seconds = 0;
  std::string binds;  ///< `rpm`, `tpm`, `max_parallel`, `longest answer` ...
};

/// The least time in which one provider account with these limits could have served the tasks
/// (docs/limits.md, D3: rate and tail, weighted, concurrency, combined). The limiters start with all
/// their room.
bound lower_bound(const limit_settings&, std::vector<served_task>);

}  // namespace assay::analysis
