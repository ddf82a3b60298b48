#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/examinations.hpp"
#include "actors/examiner.hpp"
#include "messages/node_protocols.hpp"

namespace assay::actors {

struct judge_config {
  judge_settings settings;
  std::shared_ptr<const evaluation::rule_judge> rule;
  recorder_actor recorder{};
  /// For a rule that blocks. Empty: it scores at once all the same, as in virtual time.
  spawn_examiner examiners{};
  std::uint32_t most_here = std::numeric_limits<std::uint32_t>::max();  ///< examiners
  node_registry_actor nodes{};                                          ///< null: there are none
  evaluation::judge_files files{};  ///< what nodes need of this machine
};

/// Scores committed answers by one rule: one verdict for every outcome that is not an error. At
/// once if the rule only computes; else by examiners, here and at nodes. Cooperative; holds what
/// waits for an examiner, which the scheduler bounds.
class judge_state {
 public:
  static inline const char* name = "judge";
  explicit judge_state(judge_actor::pointer self) : self_(self) {}
  ~judge_state();
  void configure(judge_config config);
  judge_actor::behavior_type make_behavior();

 private:
  void score(const record_batch&);
  void examined_here(std::uint64_t ticket, verdict&);
  void ended(const std::string& place, std::vector<ended_examination>&);
  void hand_out();
  void examine_here(std::uint64_t ticket);
  void call_off(const examinations::handing&);
  void look_again();
  void look();
  instant now() const { return self_->clock().now(); }

  judge_actor::pointer self_;
  judge_config config_;
  bool blocks_ = false;
  examinations todo_{0};
  std::vector<examiner_actor> idle_;
  std::unordered_map<std::uint64_t, examination_job_ptr> jobs_;  ///< of examiners here, by ticket
  std::map<std::string, examining_place_actor> nodes_;
  bool looking_ = false;
  std::optional<instant> stuck_since_;
  bool said_stuck_ = false;
};

judge_actor::behavior_type judge(judge_actor::stateful_pointer<judge_state>, judge_config);

}  // namespace assay::actors
