#include "actors/examiner.hpp"

namespace assay::actors {

examiner_actor::behavior_type examiner_state::make_behavior() {
  return {[this](const record_batch& batch, std::uint32_t index) { score((*batch)[index]); }};
}

void examiner_state::score(const record& r) {
  self_->send(config_.judge, config_.number,
              evaluation::judge_record(*config_.rule, config_.settings, r));
}

examiner_actor::behavior_type examiner(examiner_actor::stateful_pointer<examiner_state> self,
                                       examiner_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
