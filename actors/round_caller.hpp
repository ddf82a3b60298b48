#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/account_mirror.hpp"
#include "actors/lost_calls.hpp"
#include "actors/worker.hpp"
#include "messages/node_protocols.hpp"

namespace assay::actors {

struct round_caller_config {
  account_access_ptr access;
  transport_actor transport;  ///< for the place that is this process; null: this one is no place
  node_registry_actor nodes;  ///< may be null
  account_memory memory;
  time_anchor anchor;
  std::uint64_t seed = 1;  ///< of the jitter of backoffs
};

/// Asks one account the same at the same moment from several places, round after round. The only
/// writer of the account's limits: a round begins when the one before is over and all of its
/// requests fit. Every request has one row, whatever became of it. Cooperative.
///
/// All requests of a round have the same `admitted`, ahead by what an assignment takes to the
/// farthest node; each place waits for it by its own clock.
class round_caller_state {
 public:
  static inline const char* name = "round_caller";
  explicit round_caller_state(round_caller_actor::pointer self) : self_(self) {}
  void configure(round_caller_config);
  round_caller_actor::behavior_type make_behavior();

 private:
  struct place {
    std::uint32_t most = 0;     ///< 0: it is not ready
    place_actor handle;         ///< null: this process
    std::uint32_t address = 0;  ///< that its requests leave by
  };
  struct call {
    std::string place;
    limits::charge reserved;
    instant admitted;  ///< by the limits
    worker_actor by;   ///< of this process; else null
    std::int64_t input_tokens = 0;
  };
  void node_joins(const node_offer&, const place_actor&);
  void node_leaves(const std::string& node);
  void begin(const round_plan_ptr&);
  void drain(const std::string& why);
  void stop();
  void tick(std::uint64_t generation);

  void pump();
  bool is_over() const;
  bool may_begin(instant now);
  void wait_for_places(instant now);
  instant room_for(const std::vector<limits::charge>& round, instant now);
  void begin_round(instant now);
  assignment request_of(const place&, instant admitted, duration head_start);
  worker_actor idle_worker();
  void end(const std::string& why);
  void look_again(instant);
  std::vector<std::string> ready_places() const;
  std::vector<limits::charge> charges_of_next(const std::vector<std::string>& places) const;
  bool takes(const std::vector<limits::charge>& round, instant now) const;
  std::string limit_below(const std::vector<limits::charge>& round) const;
  usd most_cost_of_next(std::size_t requests) const;

  void report(std::uint64_t permit, exchange_result&);
  void settle(const call&, attempt&);
  void end_if_useless();
  rounds_status_ptr status() const;

  instant now() const { return self_->clock().now(); }
  const provider_settings& account() const { return config_.access->settings; }
  const chat_request& next_prompt() const { return plan_->prompts[begun_ % plan_->prompts.size()]; }

  round_caller_actor::pointer self_;
  round_caller_config config_;
  std::optional<limits::account> account_;
  std::optional<lost_calls> lost_;
  std::uint32_t model_ = 0;  ///< its index in the account
  price_table prices_;
  std::map<std::string, place> places_;
  duration farthest_{};  ///< the way to the farthest node
  round_plan_ptr plan_;
  std::uint32_t begun_ = 0;
  instant next_{};  ///< when the next round is due
  instant forlorn_since_{};
  std::unordered_map<std::uint64_t, call> under_way_;
  std::vector<worker_actor> idle_;
  std::vector<round_request> ended_;  ///< not handed over
  std::vector<error_class> fates_;    ///< of the round
  api_error last_error_;
  std::uint64_t requests_ = 0, failed_ = 0;
  usd cost_;
  std::string waiting_on_, stopped_by_;
  std::uint64_t next_permit_ = 1;
  std::uint64_t timer_ = 0;
  std::mt19937_64 random_;
};

round_caller_actor::behavior_type round_caller(
    round_caller_actor::stateful_pointer<round_caller_state>, round_caller_config);

}  // namespace assay::actors
