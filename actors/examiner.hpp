#pragma once

#include <cstdint>
#include <memory>

#include "evaluation/judge.hpp"
#include "messages/protocols.hpp"

namespace assay::actors {

struct examiner_config {
  judge_settings settings;
  std::shared_ptr<const evaluation::rule_judge> rule;
  judge_actor judge;
  std::uint32_t number = 0;  ///< among the judge's examiners
};

/// Gives the verdicts of a rule that blocks, one at a time. Detached; linked to its judge.
class examiner_state {
 public:
  static inline const char* name = "examiner";
  explicit examiner_state(examiner_actor::pointer self) : self_(self) {}
  void configure(examiner_config config) { config_ = std::move(config); }
  examiner_actor::behavior_type make_behavior();

 private:
  void score(const record&);

  examiner_actor::pointer self_;
  examiner_config config_;
};

examiner_actor::behavior_type examiner(examiner_actor::stateful_pointer<examiner_state>,
                                       examiner_config);

}  // namespace assay::actors
