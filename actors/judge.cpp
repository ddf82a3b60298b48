#include "actors/judge.hpp"

namespace assay::actors {

judge_actor::behavior_type judge_state::make_behavior() {
  return {[this](const record_batch& batch) { score(*batch); }};
}

void judge_state::score(const std::vector<record>& records) {
  std::vector<verdict> verdicts;
  for (const auto& r : records)
    if (r.got.status != outcome_status::error)
      verdicts.push_back(evaluation::judge_record(*config_.rule, config_.settings, r));
  if (!verdicts.empty()) self_->send(config_.recorder, std::move(verdicts));
}

judge_actor::behavior_type judge(judge_actor::stateful_pointer<judge_state> self,
                                 judge_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
