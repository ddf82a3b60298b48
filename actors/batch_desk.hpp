#pragma once

#include <map>
#include <memory>
#include <random>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "actors/worker.hpp"
#include "messages/protocols.hpp"
#include "providers/dialects/batch_api.hpp"

namespace assay::actors {

/// A batch that an earlier start left open, and which of its tasks still lack their outcome.
struct held_batch {
  provider_batch row;
  std::vector<task_key> missing;
};

struct batch_desk_config {
  account_access_ptr access;  ///< REQUIRES: its dialect has a batch endpoint
  transport_actor transport;
  scheduler_actor scheduler;
  recorder_actor recorder;
  work_ptr todo;                 ///< whose tasks are handed over; renders them again for the record
  std::vector<held_batch> open;  ///< of this account
  time_anchor anchor;
  std::uint64_t seed = 1;  ///< of the jitter of backoffs
  std::uint64_t first_permit = 1;
  milliseconds gather{1'000};  ///< a batch that is not full waits so long for more tasks
};

/// Takes the place of an account's provider in a run with `delivery = "batch"`: gathers the tasks
/// into batches, hands them to the account's batch endpoint, and collects the results.
/// Cooperative, never blocks; lives as long as its run.
///
/// Invariants, which make that nothing is lost or paid twice:
/// 1. a task in its hands is in one place: gathered, or in one batch; it leaves with one record to
///    the recorder or back to the scheduler;
/// 2. a batch is in the ledger before the request that creates it leaves;
/// 3. a request that may have created a batch is never repeated before the provider's list has
///    shown, twice, that it did not;
/// 4. a batch is `collected` in the ledger only after the records of all its tasks are.
class batch_desk_state {
 public:
  static inline const char* name = "batch_desk";
  explicit batch_desk_state(account_actor::pointer self) : self_(self) {}
  void configure(batch_desk_config config);
  account_actor::behavior_type make_behavior();

  void take(std::vector<handed_task>& tasks);
  void report(std::uint64_t permit, exchange_result& result);
  void committed(std::uint32_t records);
  void drain();
  void tick(std::uint64_t generation);
  provider_status status() const;

 private:
  /// A task in hand. Only what its record needs that cannot be rendered again.
  struct item {
    std::vector<std::uint32_t> positions;  ///< more than one if the plan asks the same thing twice
    std::vector<attempt> attempts;
    int failures = 0;
    bool elsewhere = false;  ///< another provider could serve it too
  };
  using item_map = std::unordered_map<task_key, item>;

  enum class phase {
    announcing,  ///< the recorder writes it down
    uploading,   ///< its file is on the way
    creating,    ///< the request that creates it is on the way
    looking,     ///< it may have arrived: asks for the list of batches
    checking,    ///< ... and for the results of one that could be it
    waiting,     ///< the provider works on it
    fetching,    ///< asks for its results
    collecting,  ///< hands results to the recorder
    holding,     ///< all is read, but the scheduler has not yet handed out every task of it
  };

  struct batch {
    std::uint64_t number = 0;
    provider_batch row;
    std::string mark;
    phase at = phase::announcing;
    item_map items;                         ///< without outcome
    std::unordered_set<task_key> expected;  ///< taken over, but not yet handed out
    std::vector<std::string> requests;      ///< what is handed over; empty afterwards
    std::string file;                       ///< of the upload
    std::string cursor;                     ///< of the list
    std::vector<std::string> candidates;    ///< that could be it
    std::set<std::string> others;           ///< that are not
    bool undecided = false;                 ///< one that could be it has not ended yet
    int absent = 0;                         ///< how often the whole list did not show it
    std::vector<std::string> results;       ///< still to fetch, the next one last
    std::shared_ptr<std::string> body;      ///< of the exchange under way, or what is read
    std::string_view rest;                  ///< of `body`, still to read
    std::map<task_key, dialects::item_result> early;  ///< of tasks that are still expected
    std::string trouble;                              ///< why it brought nothing
    std::uint64_t permit = 0;                         ///< of the exchange under way; 0: none
    instant due{};         ///< of the next step; of an exchange under way: when it must be lost
    milliseconds wait{0};  ///< before the next question how it stands
    int failures = 0;      ///< of exchanges in a row
  };

  struct gathered_task {
    task_key key;
    item what;
    std::string request;
  };

  // -- gathering: batch_desk.cpp --
  instant now() const { return self_->clock().now(); }
  std::int64_t unix_now() const { return config_.anchor.unix_ns(now()); }
  const std::string& own_name() const { return config_.access->settings.name; }
  const provider_settings& settings() const { return config_.access->settings; }
  std::string key() const { return config_.access->key.reveal(); }
  double draw() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  bool closing() const { return draining_ || !suspended_.empty(); }
  std::size_t max_items() const;
  void adopt(const held_batch&);
  bool join(const task_key&, handed_task&);
  void gather(const task_key&, item, const chat_request* request = nullptr);
  void hand_over_gathered();
  void pump();
  void ask_for_work();
  void arm_timer();
  instant next_event() const;
  task render(std::uint32_t position) const;
  void finish(const task_key&, item, outcome_status, answer reply);
  void fail(const task_key&, item, error_class, const std::string& message);
  void return_or_fail(const task_key&, item, std::vector<returned_task>& back);
  void give_back(item_map items);
  void give_back_gathered();
  void suspend(const std::string& reason);

  // -- handing over: batch_desk_handing.cpp --
  void step(batch&);
  void give_up_exchange(batch&);
  void ask(batch&, expected<http_request>, bool patient = false);
  void note(const batch&, batch_state);
  void announced(std::uint64_t number, std::int64_t id);
  void hand_over(batch&);
  void answered(batch&, const exchange_result&);
  void failed(batch&, const exchange_result&);
  void created(batch&, const dialects::batch_report&);
  void failed_handing(batch&, const attempt&);
  void look(batch&, const dialects::batch_page&);
  void check_next(batch&);
  void rule_out(batch&);
  void end_of_list(batch&);
  void refused(batch&, const api_error&);
  void never_arrived(batch&);
  void retry_later(batch&, const api_error&);
  void wait_until(batch&, duration);
  void leave(batch&);
  void drop(batch&);

  // -- results: batch_desk_results.cpp --
  void stands(batch&, const dialects::batch_report&);
  void fetch_next(batch&);
  void collect(batch&);
  void take_result(batch&, dialects::item_result);
  void settle(batch&, const task_key&, item, dialects::item_result);
  void end_of_results(batch&);
  void close(batch&);
  void lost_results(batch&, const api_error&);

  account_actor::pointer self_;
  batch_desk_config config_;
  const dialects::batch_api* api_ = nullptr;
  std::vector<gathered_task> gathered_;
  std::size_t gathered_bytes_ = 0;
  instant last_arrival_{};
  instant hold_until_{};                               ///< nothing is handed over before
  std::unordered_map<task_key, std::uint64_t> where_;  ///< batch of each task in hand; 0: gathered
  std::map<std::uint64_t, batch> batches_;
  std::unordered_map<std::uint64_t, std::uint64_t> asking_;  ///< permit -> batch
  std::uint64_t next_batch_ = 1;
  std::uint64_t next_permit_ = 1;
  std::uint32_t asked_ = 0;    ///< credit not answered yet
  std::uint64_t credits_ = 0;  ///< all of it
  std::int64_t uncommitted_ = 0;
  std::uint64_t timer_ = 0;
  instant timer_due_{};
  instant
      troubled_since_{};  ///< since when no batch could be handed over; `instant{}`: none failed
  bool draining_ = false;
  std::string suspended_;
  std::string last_trouble_;  ///< of the endpoint; empty once it answers
  std::mt19937_64 random_;
};

account_actor::behavior_type batch_desk(account_actor::stateful_pointer<batch_desk_state>,
                                        batch_desk_config);

}  // namespace assay::actors
