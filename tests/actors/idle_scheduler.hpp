#pragma once

#include <memory>
#include <string>
#include <vector>

#include "messages/protocols.hpp"

namespace assay::tests {

/// What a scheduler was told.
struct scheduler_notes {
  std::vector<std::string> enough;  ///< models
  std::vector<returned_task> returned;
  std::vector<call_under_way> under_way;
  std::vector<std::string> gone;  ///< nodes
  std::vector<late_result> late;
};

/// Does nothing but note what it is told.
inline scheduler_actor::behavior_type idle_scheduler(scheduler_actor::pointer,
                                                     std::shared_ptr<scheduler_notes> into) {
  return {[](join_atom, const provider_terms&, const taker_actor&) {},
          [](const work_ptr&) {},
          [](std::vector<follow_up>&, const asker_actor&) {},
          [](waive_atom, std::int64_t, std::uint64_t) {},
          [into](enough_atom, std::int64_t run, const std::string& model) {
            into->enough.push_back(model + " of run " + std::to_string(run));
          },
          [](const credit&) {},
          [into](return_atom, const std::string&, std::vector<returned_task>& back) {
            std::move(back.begin(), back.end(), std::back_inserter(into->returned));
          },
          [](const closure&) {},
          [](const commit_note&) {},
          [into](const std::string&, std::vector<call_under_way>& calls) {
            std::move(calls.begin(), calls.end(), std::back_inserter(into->under_way));
          },
          [into](std::vector<late_result>& some) {
            std::move(some.begin(), some.end(), std::back_inserter(into->late));
          },
          [into](leave_atom, const std::string& node) { into->gone.push_back(node); },
          [](drain_atom, const std::string&) {},
          [](status_atom) { return run_progress{}; },
          [](internal_atom, std::int64_t) {}};
}

}  // namespace assay::tests
