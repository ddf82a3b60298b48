#pragma once

#include <functional>
#include <utility>

#include "actors/examiner.hpp"

namespace assay::tests {

/// How long a program runs, in virtual time.
using program_time = std::function<duration(const sample&)>;

/// Gives its verdicts after that time, also those that are called off.
inline examiner_actor::behavior_type simulated_examiner(examiner_actor::pointer self,
                                                        program_time takes) {
  return {[self, takes = std::move(takes)](std::uint64_t number, const examination_job_ptr& job) {
    self->delayed_send(caf::actor_cast<examined_actor>(self->current_sender()), takes(*job->item),
                       number, job->rule->score(*job->item, *job->reply));
  }};
}

inline actors::spawn_examiner spawn_simulated_examiner(program_time takes) {
  return [takes = std::move(takes)](caf::local_actor& parent) {
    return parent.spawn<caf::linked>(simulated_examiner, takes);
  };
}

}  // namespace assay::tests
