#include "actors/examiner.hpp"

namespace assay::actors {

examiner_actor::behavior_type examiner_state::make_behavior() {
  return {[this](std::uint64_t number, const examination_job_ptr& job) { score(number, *job); }};
}

void examiner_state::score(std::uint64_t number, const examination_job& job) {
  sandbox::interruption::scope under(job.stop);
  self_->send(caf::actor_cast<examined_actor>(self_->current_sender()), number,
              job.rule->score(*job.item, *job.reply));
}

examiner_actor::behavior_type examiner(examiner_actor::stateful_pointer<examiner_state> self) {
  return begin_actor(self);
}

examiner_actor spawn_examiner_thread(caf::local_actor& parent) {
  return parent.spawn<caf::detached + caf::linked>(examiner);
}

}  // namespace assay::actors
