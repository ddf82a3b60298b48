#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/bench/caller.hpp"
#include "app/bench/gathering.hpp"

namespace assay::bench {

/// How rounds reach the world while they run.
struct surroundings {
  /// Sleeps; true if a stop signal came.
  std::function<bool(milliseconds)> wait;
  /// Told how it stands, several times a second.
  std::function<void(const rounds_status&)> progress;
};

/// Waits for places; gives those that can be called. None after a stop signal.
std::vector<std::string> gather(caller&, const gathering_wishes&, const surroundings&);

struct rounds_made {
  std::vector<round_request> requests;  ///< by round
  rounds_status end;
  bool interrupted = false;
};

/// Makes the rounds. The first stop signal lets the round under way end, a second one calls it off.
rounds_made make_rounds(caller&, round_plan, const surroundings&);

}  // namespace assay::bench
