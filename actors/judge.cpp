#include "actors/judge.hpp"

#include "actors/examiner.hpp"

namespace assay::actors {

void judge_state::configure(judge_config config) {
  config_ = std::move(config);
  auto count = config_.own_threads ? config_.rule->blocks() : 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    examiner_config one{config_.settings, config_.rule, self_, i};
    examiners_.push_back(self_->spawn<caf::detached + caf::linked>(examiner, std::move(one)));
    free_.push_back(i);
  }
}

judge_actor::behavior_type judge_state::make_behavior() {
  return {[this](const record_batch& batch) { score(batch); },
          [this](std::uint32_t examiner, verdict& v) { examined(examiner, v); }};
}

void judge_state::score(const record_batch& batch) {
  if (examiners_.empty()) return score_at_once(*batch);
  for (std::uint32_t i = 0; i < batch->size(); ++i)
    if ((*batch)[i].got.status != outcome_status::error) waiting_.emplace_back(batch, i);
  hand_out();
}

void judge_state::score_at_once(const std::vector<record>& records) {
  std::vector<verdict> verdicts;
  for (const auto& r : records)
    if (r.got.status != outcome_status::error)
      verdicts.push_back(evaluation::judge_record(*config_.rule, config_.settings, r));
  if (!verdicts.empty()) self_->send(config_.recorder, std::move(verdicts));
}

void judge_state::examined(std::uint32_t examiner, verdict& v) {
  free_.push_back(examiner);
  self_->send(config_.recorder, std::vector<verdict>{std::move(v)});
  hand_out();
}

void judge_state::hand_out() {
  while (!free_.empty() && !waiting_.empty()) {
    auto& [batch, index] = waiting_.front();
    self_->send(examiners_[free_.back()], std::move(batch), index);
    free_.pop_back();
    waiting_.pop_front();
  }
}

judge_actor::behavior_type judge(judge_actor::stateful_pointer<judge_state> self,
                                 judge_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
