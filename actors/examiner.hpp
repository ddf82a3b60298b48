#pragma once

#include <memory>

#include "evaluation/judge.hpp"
#include "evaluation/sandbox/interruption.hpp"
#include "messages/protocols.hpp"

namespace assay::actors {

/// An answer, and the rule that scores it. Shared by whoever asks and its examiner.
struct examination_job {
  std::shared_ptr<const evaluation::rule_judge> rule;
  std::shared_ptr<const sample> item;
  std::shared_ptr<const answer> reply;
  sandbox::interruption stop{};  ///< once it is raised, the verdict is worth nothing
};

using spawn_examiner = std::function<examiner_actor(caf::local_actor&)>;

/// Gives the verdicts of rules that block, one at a time. Detached; linked to whoever asks.
class examiner_state {
 public:
  static inline const char* name = "examiner";
  explicit examiner_state(examiner_actor::pointer self) : self_(self) {}
  examiner_actor::behavior_type make_behavior();

 private:
  void score(std::uint64_t number, const examination_job&);

  examiner_actor::pointer self_;
};

examiner_actor::behavior_type examiner(examiner_actor::stateful_pointer<examiner_state>);

/// On a thread of its own.
examiner_actor spawn_examiner_thread(caf::local_actor& parent);

}  // namespace assay::actors
