#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "actors/awaited_calls.hpp"
#include "actors/fair_queue.hpp"
#include "actors/late_shelf.hpp"
#include "actors/run_queue.hpp"
#include "actors/spending.hpp"
#include "messages/protocols.hpp"

namespace assay::actors {

struct scheduler_config {
  /// Most tasks handed out but not committed: a slow database slows the run, not grows memory.
  std::uint32_t max_uncommitted = 20'000;
  /// Most verdicts that a run waits for: answers do not pile up before a slow judge.
  std::uint64_t max_verdicts_due = 20'000;
};

/// Owns the pending tasks of all runs. Hands them to whoever asks (late binding): which run is a
/// matter of priority and fair share, which task of it of run_queue. Cooperative.
///
/// Invariant: every submitted position is in exactly one of: a queue, parked, in hand, committed,
/// spared, left over. Follow-ups that are left over are told to who asked for them.
class scheduler_state {
 public:
  static inline const char* name = "scheduler";
  explicit scheduler_state(scheduler_actor::pointer self) : self_(self) {}
  void configure(scheduler_config config);
  scheduler_actor::behavior_type make_behavior();

  void join(const provider_terms& terms, const taker_actor& handle);
  void submit(const work_ptr& w);
  void submit(std::vector<follow_up>& calls, const asker_actor& asker);
  void waive(std::int64_t run, std::uint64_t verdicts);
  void enough(std::int64_t run, const std::string& model);
  void grant(const credit& c);
  void take_back(const std::string& provider, std::vector<returned_task>& tasks);
  void close(const closure& c);
  void committed(const commit_note& note);
  void await(const std::string& node, const std::vector<call_under_way>& calls);
  void arrived_late(std::vector<late_result>& results);
  void drain(const std::string& reason);
  void deadline(std::int64_t run);
  run_progress progress() const;

 private:
  using run_id = std::int64_t;
  /// Whose turn it is: the samples of a run, or its follow-ups.
  struct turn {
    run_id run = 0;
    bool follow_ups = false;
    auto operator<=>(const turn&) const = default;
  };
  struct member {
    provider_terms terms;
    taker_actor handle;
    bool asked = false;        ///< it has ever asked for work
    std::uint32_t wanted = 0;  ///< credit not answered yet
    std::uint64_t handed = 0;  ///< tasks that answered a credit
    bool shortest = false;     ///< it wants a scout
    double mean_s = 0;         ///< service time
    double health = 1;
    std::map<std::string, closure> closed;  ///< by model; "" is all of them
    fair_queue<turn> runs;                  ///< those that may have something for it

    /// Of work that others could take too: a provider that fails gets less of it.
    double share() const { return terms.weight * std::max(health, 0.05); }
    const closure* closed_for(const std::string& model) const;
  };
  struct held_task {
    std::string provider;
    reservation most;
    bool call = true;  ///< with a provider; else a sample whose calls are follow-ups
    task_key key{};
  };
  struct running {
    running(const work_ptr& w, instant now)
        : todo(w),
          samples(w),
          money(w->spending, w->account_spending),
          began(now),
          verdicts_due(w->verdicts_owed) {}
    work_ptr todo;
    run_queue samples;
    run_queue follow_ups;
    std::unordered_map<std::uint32_t, asker_actor> askers;  ///< of follow-ups
    spending money;
    std::unordered_map<std::uint32_t, held_task> in_hand;
    /// Positions whose answer is awaited from a node that was asked before.
    std::unordered_map<task_key, std::uint32_t> parked;
    std::unordered_map<std::uint32_t, std::vector<attempt>> earlier;  ///< of returned tasks
    std::map<std::string, std::string> refused;  ///< provider -> whose budget has no room there
    instant began;
    std::uint64_t calls = 0;  ///< in hand, with providers
    std::uint64_t planned = 0;
    std::uint64_t committed = 0;
    std::uint64_t spared = 0;
    std::set<std::string> enough;  ///< models of which no more samples are wanted
    std::uint64_t follow_ups_done = 0;
    std::uint64_t verdicts_due = 0;
    std::string stopped_by;

    run_queue& queue_of(std::uint32_t position) {
      return position < first_follow_up ? samples : follow_ups;
    }
    std::uint64_t pending() const {
      return samples.pending() + follow_ups.pending() + parked.size();
    }
    bool finished() const {
      return in_hand.empty() && verdicts_due == 0 && (pending() == 0 || !stopped_by.empty());
    }
  };
  struct chosen_task {
    task what;
    const task_class* from = nullptr;
  };
  using batches = std::map<std::string, std::vector<handed_task>>;

  static void enqueue(member&, run_id, const work&);
  void count_again(member&, const credit&);
  void serve_all();
  bool hand_one(member&, batches&);
  bool hand_from(member&, const turn&, running&, batches&);
  std::optional<chosen_task> choose(member&, const turn&, running&, batches&);
  bool has_room(const member&, const running&) const;
  bool may_take(const member&, const task_class&) const;
  bool somebody_better_has_room(const member&, const task_class&) const;
  bool can_serve(const std::string& provider, const task_class&) const;
  bool within_budget(member&, running&, const reservation&);
  void note_outcome(const committed_task&);
  static void count_verdicts(running&, std::uint64_t verdicts);
  void release(running&, std::uint32_t position);
  static bool spare(running&, std::uint32_t position);
  static std::uint64_t tasks_at(const work&, std::uint32_t position);
  void offer(run_id, running&);
  bool need_not_be_sent(running&, const task&, batches&);
  bool hand_made(running&, task, late_result&, batches&);
  bool hand_arrived(late_result&, batches&);
  void wait_no_more(const std::vector<awaited_calls::task_of_run>&);
  void hand_unasked(running&, std::uint32_t position, const std::string& to, handed_task, batches&);
  void stop_if_stuck(running&);
  void wind_up(running&);
  void settle_returned(running&);
  void return_follow_ups(running&);
  void send(batches&);

  scheduler_actor::pointer self_;
  scheduler_config config_;
  std::map<std::string, member> members_;
  fair_queue<std::string> turns_;  ///< members that want something, by weight
  std::map<run_id, running> runs_;
  awaited_calls awaited_;
  late_shelf late_{{}};      ///< results of tasks that are not done; of runs to come, too
  std::uint64_t calls_ = 0;  ///< in hand with providers, over all runs
  std::uint64_t lost_credits_ = 0;
};

scheduler_actor::behavior_type scheduler(scheduler_actor::stateful_pointer<scheduler_state>,
                                         scheduler_config);

}  // namespace assay::actors
