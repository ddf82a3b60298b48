#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "evaluation/judge.hpp"
#include "messages/protocols.hpp"

namespace assay::actors {

struct judge_config {
  judge_settings settings;
  std::shared_ptr<const evaluation::rule_judge> rule;
  recorder_actor recorder;
  bool own_threads = true;  ///< for a rule that blocks; false in virtual time
};

/// Scores committed answers by one rule: one verdict for every outcome that is not an error. At
/// once if the rule only computes; else by as many examiners as the rule takes answers at the same
/// time. Cooperative; holds what waits for an examiner, which the scheduler bounds.
class judge_state {
 public:
  static inline const char* name = "judge";
  explicit judge_state(judge_actor::pointer self) : self_(self) {}
  void configure(judge_config config);
  judge_actor::behavior_type make_behavior();

  void score(const record_batch&);
  void examined(std::uint32_t examiner, verdict& v);

 private:
  void score_at_once(const std::vector<record>&);
  void hand_out();

  judge_actor::pointer self_;
  judge_config config_;
  std::vector<examiner_actor> examiners_;
  std::vector<std::uint32_t> free_;  ///< examiners, by number
  std::deque<std::pair<record_batch, std::uint32_t>> waiting_;
};

judge_actor::behavior_type judge(judge_actor::stateful_pointer<judge_state>, judge_config);

}  // namespace assay::actors
