#pragma once

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include <functional>
#include "actors/hand.hpp"
#include "evaluation/procedure.hpp"
#include "messages/problem.hpp"
#include "messages/protocols.hpp"

namespace assay::actors {

/// What the ledger holds from before this process.
struct conductor_memory {
  std::unordered_map<task_key, outcome> steps;  ///< answers that are paid for, by their own keys
  std::vector<record> owed;  ///< answers that lack the judge's verdict; the supervisor sends them
};

struct conductor_config {
  evaluation::procedure_maker_ptr maker;
  /// Samples: the mode, which is also its name towards the scheduler. Verdicts: the judge's name.
  std::string purpose;
  /// Gives verdicts of this version; empty: it answers samples.
  std::function<std::string(const sample&)> judge_version;
  std::map<std::string, model_settings> models;
  /// Asked at every start of the tree; may be empty.
  std::function<expected<conductor_memory>()> recall;
  std::uint32_t most_open = 1'000;  ///< procedures under way at the same time

  scheduler_actor scheduler;
  recorder_actor recorder;
  stopper_actor stopper;  ///< looks at this judge's verdicts; may be none
  std::int64_t run = 0;
  conductor_memory memory;
  bool own_threads = true;  ///< for procedures that wait for tools; false in virtual time

  bool judges() const { return judge_version != nullptr; }
};

/// Drives procedures: asks the scheduler for the calls that they want, tells them what those came
/// to, and records what they end in. It takes samples from the scheduler as a provider does, or
/// answers to be judged from the results. A call whose answer is in the ledger is not made again.
/// Cooperative; what waits for a tool is moved on by hands with threads of their own.
///
/// Invariant: each procedure has open calls, or a move with a hand, or it has ended.
class conductor_state {
 public:
  static inline const char* name = "conductor";
  explicit conductor_state(conductor_actor::pointer self) : self_(self) {}
  void configure(conductor_config config);
  conductor_actor::behavior_type make_behavior();

  void take_samples(std::vector<handed_task>&);
  void take_records(const record_batch&);
  void take_returned(const std::vector<task_key>& keys);
  void moved(std::uint32_t hand, procedure_move& move);
  void drain();

 private:
  /// A sample or a verdict under way.
  struct under_way {
    record about;
    evaluation::procedure_ptr doing;
    std::uint32_t calls = 0;  ///< open
    bool with_hand = false;   ///< it is being moved on, or waits for a hand
    bool given_up = false;    ///< the run ends before it does
    std::deque<evaluation::call_result> results;
    usd cost;
    std::string provider;
  };
  struct call {
    task_key parent;
    std::string label;
  };

  void begin(record about);
  void advance(under_way&);
  void want(under_way&, std::vector<evaluation::wanted_call>&);
  follow_up make_step(const under_way&, const evaluation::wanted_call&) const;
  static evaluation::call_result result_of(std::string label, const outcome&);
  void note(under_way&, std::string label, const outcome&);
  void end(under_way&);
  void record_sample(under_way&, outcome);
  void give_verdict(const record&, verdict);
  void leave(under_way&);
  void hand_out();
  void go_on();

  conductor_actor::pointer self_;
  conductor_config config_;
  std::unordered_map<task_key, under_way> open_;
  std::unordered_map<task_key, call> calls_;                    ///< open ones, by their own keys
  std::vector<follow_up> wanted_;                               ///< collected within one message
  std::deque<std::pair<record_batch, std::uint32_t>> waiting_;  ///< answers to be judged
  std::vector<hand_actor> hands_;
  std::vector<std::uint32_t> free_;  ///< hands, by number
  std::deque<procedure_move_ptr> moves_;
  std::uint32_t asked_ = 0;  ///< samples asked for and not here yet
  std::uint64_t asked_ever_ = 0;
  bool draining_ = false;
};

conductor_actor::behavior_type conductor(conductor_actor::stateful_pointer<conductor_state>,
                                         conductor_config);

}  // namespace assay::actors
