#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/clock_comparison.hpp"
#include "actors/examinations_here.hpp"
#include "actors/spool.hpp"
#include "actors/worker.hpp"
#include "messages/node_protocols.hpp"

namespace assay::actors {

struct workshop_config {
  node_terms terms;
  std::function<transport_actor(caf::local_actor&)> spawn_transport;
  /// What is needed to call the account, or why this node cannot.
  std::function<expected<account_access_ptr>(const account_offer&)> resolve;
  std::shared_ptr<spool> into;       ///< where late results are kept; none: in memory only
  std::vector<late_result> kept;     ///< what the spool holds
  bool own_threads = true;           ///< for the spool; false in virtual time
  std::string egress;                ///< `abilities::egress`
  examinations_config examinations;  ///< `programs` is that of the terms
  milliseconds tick{1};              ///< least time between two messages with results
};

/// A node's own actor: runs the exchanges that a coordinator hands it, and keeps what they come to
/// until the coordinator says that it is durable. It outlives connections: what ends while there
/// is none is kept, in the spool too, and told to the next one. Cooperative.
class workshop_state {
 public:
  static inline const char* name = "workshop";
  explicit workshop_state(workshop_actor::pointer self) : self_(self) {}
  void configure(workshop_config config);
  workshop_actor::behavior_type make_behavior();

 private:
  struct account {
    account_access_ptr access;
    std::vector<worker_actor> idle;
  };
  struct call {
    std::uint64_t connection = 0;  ///< by which it came
    std::uint64_t ticket = 0;
    std::string provider;
    std::int64_t run = 0;
    task_key key;
    call_seal seal;
    worker_actor by;
  };

  caf::result<welcome> connect(const node_desk_actor&);
  void let_in(const welcome&);
  void disconnected();
  void learn(const std::vector<account_offer>&);
  void proceed();
  void say_what_it_can(bool ready);
  void start(std::vector<node_call>&);
  void call_off(std::uint64_t ticket);
  void report(std::uint64_t permit, exchange_result&);
  void begun(std::uint64_t permit, early_headers&);
  void forget(const std::vector<std::uint64_t>& tickets);
  void repeat(const std::vector<std::uint64_t>& tickets);
  void echoed(const heartbeat_echo&);
  void send_soon();
  void send_results();
  void send_verdicts();
  void send_late();
  void keep_late(std::vector<late_result>);
  void taken(std::size_t count);
  std::vector<late_result> next_late() const;
  void fit(exchange_result&) const;
  void beat();
  void send_heartbeat();
  void drain();
  bool connected() const { return admitted_; }
  bool from_desk() const { return desk_ && self_->current_sender() == desk_; }
  instant now() const { return self_->clock().now(); }

  workshop_actor::pointer self_;
  workshop_config config_;
  transport_actor transport_;
  spooler_actor spooler_;  ///< null: nothing is kept in a file
  std::map<std::string, account> accounts_;
  std::unordered_map<std::uint64_t, call> calls_;               ///< by our number
  std::unordered_map<std::uint64_t, std::uint64_t> permits_;    ///< ticket -> our number
  std::unordered_map<std::uint64_t, late_result> unconfirmed_;  ///< by ticket of this connection
  std::deque<late_result> late_;  ///< what nobody has heard of who can use it
  std::optional<examinations_here> examinations_;
  std::vector<node_result> ready_;  ///< wait for the tick
  std::vector<node_headers> headers_;
  node_desk_actor desk_;
  bool admitted_ = false;
  std::optional<abilities> can_;    ///< of this connection's accounts
  std::optional<bool> told_ready_;  ///< `abilities::ready`, if it has said what it can
  std::uint32_t max_message_ = welcome{}.max_message;
  std::uint64_t connection_ = 0;
  std::uint64_t next_permit_ = 1;
  clock_comparison clock_;
  std::uint64_t beats_ = 0;
  milliseconds interval_{1'000};
  duration stale_{std::chrono::seconds(3)};  ///< a call that is older may have been given up
  instant beat_due_{};
  instant last_heard_{};  ///< of the coordinator; it may be frozen while its connection stands
  bool tick_pending_ = false;
  bool beating_ = false;
  bool handing_over_ = false;
  bool draining_ = false;
};

workshop_actor::behavior_type workshop(workshop_actor::stateful_pointer<workshop_state>,
                                       workshop_config);

}  // namespace assay::actors
