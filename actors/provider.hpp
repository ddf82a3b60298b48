#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <unordered_map>

#include "actors/account_mirror.hpp"
#include "actors/lane.hpp"
#include "actors/lost_calls.hpp"
#include "actors/places.hpp"
#include "actors/worker.hpp"
#include "messages/protocols.hpp"

namespace assay::actors {

/// Work is asked for this long before a permit is due, so that it is at hand when it is.
constexpr auto lookahead = std::chrono::milliseconds(20);

struct provider_config {
  account_access_ptr access;
  transport_actor transport;
  scheduler_actor scheduler;
  recorder_actor recorder;
  std::uint64_t seed = 1;          ///< of the jitter of backoffs
  std::uint64_t first_permit = 1;  ///< permits of different providers differ
  double hedge = 0;                ///< part of the tasks that may be sent twice at the end
  batching_settings batching;
  std::uint32_t places_here = places::unlimited;  ///< exchanges of this process at the same time
  bool nodes = false;                             ///< others can be made at nodes
  account_memory memory;
  time_anchor anchor;
  /// Asked before anything is sent: a coordinator may not while it does not know whether another
  /// one leads by now. Empty: it may.
  std::function<bool()> may_send;
};

/// One account of an API. The only writer of its limits and the only owner of its retries: asks the
/// scheduler for as much as it can start, charges every limit before a request leaves, decides what
/// a failure means. Cooperative, never blocks; lives as long as its run.
///
/// Invariant: a task in its hands is in one place: ready, waiting, or in flight; it leaves with
/// exactly one record to the recorder or back to the scheduler.
class provider_state {
 public:
  static inline const char* name = "provider";
  explicit provider_state(provider_actor::pointer self) : self_(self) {}
  void configure(provider_config config);
  provider_actor::behavior_type make_behavior();

  void take(std::vector<handed_task>& tasks);
  void report(std::uint64_t permit, exchange_result& result);
  void report(std::vector<ended_exchange>& ended);
  void node_joins(const node_offer&, const place_actor&);
  void node_leaves(const std::string& node);
  void begun(std::uint64_t permit, const early_headers& early);
  void committed(std::uint32_t records);
  void drain();
  void tick(std::uint64_t generation);
  provider_status status() const;

 private:
  /// One exchange: of one task, or of several in a combined call.
  struct call {
    std::vector<job_ptr> jobs;
    lane* of = nullptr;
    limits::charge reserved;
    instant admitted;
    worker_actor by;  ///< in this process; else null
    std::string node;
    bool hedge = false;
    bool headers_seen = false;
  };

  struct retry {
    instant due;
    job_ptr work;
    bool operator<(const retry& other) const { return due > other.due; }  // earliest on top
  };

  instant now() const { return self_->clock().now(); }
  const std::string& own_name() const { return config_.access->settings.name; }
  const retry_policy& policy() const { return config_.access->settings.retry; }
  bool closing() const { return draining_ || !suspended_.empty(); }
  double draw() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  lane& lane_of(const task&);

  /// Slots for new exchanges. An outcome keeps its slot until it is durable, so that a crash
  /// repeats at most `max_parallel` requests.
  double price_factor() const { return config_.access->settings.price_factor; }
  int free_slots() const;
  bool may_send() const { return !config_.may_send || config_.may_send(); }
  /// What could be started now, at least as far as requests are counted.
  int room(instant) const;
  /// By which address the request can leave soonest, in `charge::address`; among those that it may
  /// leave by now, the one with the least in flight.
  limits::charge by_best_address(limits::charge, instant) const;
  instant earliest(const limits::charge& c, instant t) const {
    return account_->earliest(by_best_address(c, t), t);
  }
  bool may_start(const limits::charge&, instant) const;

  std::string wanted_node() const;

  // -- sending: provider_sending.cpp --
  void pump();
  void take_due_retries(instant now);
  lane* next_lane(instant now);
  bool start_from(lane&, instant now);
  std::vector<job_ptr> pick(lane&, std::size_t count);
  std::size_t items_of_next_call(const lane&) const;
  bool combines(const job& work) const { return work.group && !work.alone; }
  bool may_combine(instant now) const {
    return combined_in_flight_ < config_.batching.max_calls && now >= next_combined_;
  }
  void start(std::vector<job_ptr>, lane&, const limits::charge&, instant now, bool hedge = false);
  worker_actor idle_worker();
  duration head_start() const;
  void send_batches();
  void hedge_stragglers(instant now);
  void ask_for_work(instant now);
  void arm_timer(instant now);
  instant next_event(instant now) const;
  limits::charge charge_of(const job&, const lane&) const;
  limits::charge charge_of_next(const lane&, std::size_t count) const;

  // -- what came back: provider_results.cpp --
  void take_report(std::uint64_t permit, exchange_result& result);
  void free_place(call&, const attempt&);
  void settle(call&, attempt&);
  void heed(const call&, const attempt&);
  void take_arrived(const job_ptr&, lane&, exchange_result&);
  void price(attempt&, const lane&) const;
  void append(job&, attempt&&);
  void decide_combined(call&, exchange_result&);
  void decide_copy(const job_ptr&, lane&, exchange_result&);
  void call_off_copies(const job_ptr&);
  void call_off(std::uint64_t permit, const call&);
  void decide(const job_ptr&, lane&, answer reply);
  void wait_for_limit(const job_ptr&, lane&);
  int failures_here(const job&, std::optional<error_class> only = {}) const;
  bool retries_spent(const job&, int times) const;
  void fail_or_retry(const job_ptr&, lane&);
  void hand_back_or_fail(const job_ptr&);
  void hand_back_the_lost(const job_ptr&);
  void finish(const job_ptr&, outcome_status, answer reply);
  void log_failure(const job&);

  // -- health: provider_health.cpp --
  void open_and_close(instant now);
  void tell(lane&, intake state, const std::string& reason);
  void hold_back(lane&, instant now);
  void return_fresh(lane&);
  void suspend(const api_error&);
  void resume();
  void give_back(lane* only = nullptr);
  void look_after(instant now);
  void end_lost_exchanges(instant now);

  provider_actor::pointer self_;
  provider_config config_;
  std::optional<limits::account> account_;
  std::map<std::string, lane> lanes_;
  std::vector<retry> waiting_;
  std::unordered_map<std::uint64_t, call> in_flight_;
  std::vector<worker_actor> idle_;
  places places_{places::unlimited};
  std::map<std::string, std::vector<assignment>> outgoing_;  ///< by node, of this pump
  std::optional<lost_calls> lost_;
  std::uint64_t next_permit_ = 1;
  std::uint64_t arrivals_ = 0;
  std::uint32_t ready_ = 0;  ///< over all lanes
  std::uint32_t asked_ = 0;  ///< credit not answered yet
  int uncommitted_ = 0;      ///< outcomes that are not durable yet
  std::uint64_t tasks_ = 0;
  std::uint64_t hedges_ = 0;
  int combined_in_flight_ = 0;
  instant next_combined_{};
  std::uint64_t timer_ = 0;
  instant timer_due_{};
  instant next_look_{};
  instant last_news_{};  ///< a task came or an exchange ended
  instant last_success_{};
  double health_ = 1;
  instant last_warning_{};
  std::set<error_class> failures_told_;
  bool draining_ = false;
  std::string suspended_;
  instant suspended_until_ = instant::max();
  std::mt19937_64 random_;
};

provider_actor::behavior_type provider(provider_actor::stateful_pointer<provider_state>,
                                       provider_config);

}  // namespace assay::actors
