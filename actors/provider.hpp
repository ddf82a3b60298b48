#pragma once

#include <deque>
#include <memory>
#include <queue>
#include <random>
#include <set>
#include <unordered_map>

#include "actors/worker.hpp"
#include "messages/protocols.hpp"
#include "providers/limits/account.hpp"

namespace assay::actors {

struct provider_config {
  account_access_ptr access;
  transport_actor transport;
  scheduler_actor scheduler;
  recorder_actor recorder;
  std::uint64_t seed = 1;  ///< of the jitter of backoffs
};

/// One account of an API. The only writer of its limits and the only owner of its retries: asks the
/// scheduler for as much as it can start, charges every limit before a request leaves, decides what
/// a failure means. Cooperative, never blocks; lives as long as its run.
class provider_state {
 public:
  static inline const char* name = "provider";
  explicit provider_state(provider_actor::pointer self) : self_(self) {}
  void configure(provider_config config);
  provider_actor::behavior_type make_behavior();

  void take(std::vector<task>& tasks);
  void report(std::uint64_t permit, exchange_result& result);
  void committed(std::uint32_t records);
  void drain();
  void tick(std::uint64_t generation);
  provider_status status() const;

 private:
  /// A task on its way to an outcome.
  struct job {
    task what;
    std::vector<attempt> attempts;
    instant intended;
    int failures = 0;
    int rate_limit_waits = 0;
  };
  using job_ptr = std::unique_ptr<job>;

  struct exchange_in_flight {
    job_ptr work;
    limits::charge reserved;
    instant admitted;
    worker_actor by;
  };

  struct retry {
    instant due;
    job_ptr work;
    bool operator<(const retry& other) const { return due > other.due; }  // earliest on top
  };

  instant now() const { return self_->clock().now(); }
  bool closing() const { return draining_ || !suspended_.empty(); }
  const retry_policy& policy() const { return config_.access->settings.retry; }

  /// Slots for new exchanges. An outcome keeps its slot until it is durable, so that a crash
  /// repeats at most `max_parallel` requests.
  int free_slots() const { return account_->free_slots() - uncommitted_; }

  // -- sending --
  void pump();
  void take_due_retries(instant now);
  void start(job_ptr, const limits::charge&, instant now);
  worker_actor idle_worker();
  void ask_for_work(instant now);
  void arm_timer(instant now);
  limits::charge charge_of(const job&) const;

  // -- judging what came back --
  void decide(job_ptr, const exchange_in_flight& ended, exchange_result& result);
  void wait_for_limit(job_ptr, const limits::charge& reserved, const attempt&);
  void retry_later(job_ptr);
  void finish(job_ptr, outcome_status, answer reply);
  void log_failure(const job&);
  void suspend(const api_error&);
  void give_back();
  double random_draw();

  provider_actor::pointer self_;
  provider_config config_;
  std::optional<limits::account> account_;
  std::deque<job_ptr> ready_;  ///< retries first
  std::vector<retry> waiting_;
  std::unordered_map<std::uint64_t, exchange_in_flight> in_flight_;
  std::vector<worker_actor> idle_;
  std::uint64_t next_permit_ = 1;
  std::uint32_t asked_ = 0;     ///< credit not answered yet
  std::uint32_t finished_ = 0;  ///< outcomes since the last credit
  int uncommitted_ = 0;         ///< outcomes that are not durable yet
  std::uint64_t timer_ = 0;
  instant timer_due_{};
  double mean_output_ = 256;  ///< tokens; learned, for `reserve = "expected"`
  std::set<error_class> failures_told_;
  bool draining_ = false;
  std::string suspended_;
  std::mt19937_64 random_;
};

provider_actor::behavior_type provider(provider_actor::stateful_pointer<provider_state>,
                                       provider_config);

}  // namespace assay::actors
