#pragma once

#include <memory>
#include <string>
#include <vector>

#include "messages/protocols.hpp"

namespace assay::tests {

using names = std::shared_ptr<std::vector<std::string>>;

/// Does nothing but note of which models it is told that they have answered enough.
inline scheduler_actor::behavior_type idle_scheduler(scheduler_actor::pointer, names enough) {
  return {[](join_atom, const provider_terms&, const taker_actor&) {},
          [](const work_ptr&) {},
          [](std::vector<follow_up>&, const asker_actor&) {},
          [](waive_atom, std::int64_t, std::uint64_t) {},
          [enough](enough_atom, std::int64_t run, const std::string& model) {
            enough->push_back(model + " of run " + std::to_string(run));
          },
          [](const credit&) {},
          [](return_atom, const std::string&, std::vector<returned_task>&) {},
          [](const closure&) {},
          [](const commit_note&) {},
          [](std::vector<late_result>&) {},
          [](drain_atom, const std::string&) {},
          [](status_atom) { return run_progress{}; },
          [](internal_atom, std::int64_t) {}};
}

}  // namespace assay::tests
