#pragma once

#include <functional>
#include <memory>

#include "actors/supervisor.hpp"
#include "app/plan/tally.hpp"
#include "bench/limits/course.hpp"

namespace assay::bench {

/// A tree for virtual time that records into `sums`, without accounts, transport and work.
actors::supervisor_config bare_tree(const std::shared_ptr<planning::tally>& sums,
                                    std::uint64_t seed);

/// Runs the tree that is made for this beginning under CAF's test coordinator until so many
/// outcomes are in its tally. 429s are not counted.
course run_in_virtual_time(const std::function<actors::supervisor_config(instant began)>& tree,
                           const std::shared_ptr<planning::tally>& sums, std::size_t outcomes);

}  // namespace assay::bench
