#pragma once

#include "evaluation/judge.hpp"
#include "messages/protocols.hpp"

namespace assay::actors {

struct judge_config {
  judge_settings settings;
  std::shared_ptr<const evaluation::rule_judge> rule;
  recorder_actor recorder;
};

/// Scores committed answers by one rule, at once: one verdict for every outcome that is not an
/// error. Cooperative; holds no state besides its rule.
class judge_state {
 public:
  static inline const char* name = "judge";
  explicit judge_state(judge_actor::pointer self) : self_(self) {}
  void configure(judge_config config) { config_ = std::move(config); }
  judge_actor::behavior_type make_behavior();

  void score(const std::vector<record>&);

 private:
  judge_actor::pointer self_;
  judge_config config_;
};

judge_actor::behavior_type judge(judge_actor::stateful_pointer<judge_state>, judge_config);

}  // namespace assay::actors
