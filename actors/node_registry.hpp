#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/late_shelf.hpp"
#include "messages/node_protocols.hpp"

namespace assay::actors {

struct node_registry_config {
  node_registry_config(node_settings r, duration wait = {})
      : rules(std::move(r)), returning(wait) {}

  node_settings rules;
  /// A coordinator before this one ended without a word: so long nothing is begun anywhere, until
  /// its nodes will have come and told what they have under way.
  duration returning;
};

/// All nodes of a coordinator: tells the providers of every run which nodes can call their account
/// and the judges which ones run programs, and keeps nodes away that come and go too often.
/// Outlives runs. Cooperative.
class node_registry_state {
 public:
  static inline const char* name = "node_registry";
  explicit node_registry_state(node_registry_actor::pointer self) : self_(self) {}
  void configure(node_registry_config config);
  node_registry_actor::behavior_type make_behavior();

 private:
  struct node {
    node_terms terms;
    desk_actor desk;
    abilities can;
    heartbeat last;
    bool came_back = false;  ///< it is the process that was here before
    bool able = false;       ///< it has said what it can
    bool draining = false;
    bool unreliable = false;    ///< its moments are not worth much; it was said
    std::uint64_t refused = 0;  ///< results that were not believed
    std::string state = "up";
    std::vector<instant> losses;              ///< of late
    std::vector<call_under_way> still_there;  ///< when it was lost
  };
  struct judge {
    node_judge what;
    judge_actor handle;
  };
  struct user {
    std::string account;
    std::vector<std::string> tags;
    place_user_actor who;
    instant joined;
    bool begun = false;    ///< it has heard which nodes are here
    bool seen_to = false;  ///< it was looked whether a node serves it
  };

  welcome join(const node_terms&, const desk_actor&);
  void able(const std::string& name, const abilities&);
  void beat(const std::string& name, const heartbeat&);
  void warn_of_bad_lag(const std::string& name, node&);
  void drain(const std::string& name);
  void gone(const desk_actor&, bool is_loss, std::vector<call_under_way>&);
  void late(std::vector<late_result>&);
  void under_way(const std::string& name, std::vector<call_under_way>&);
  void settle(duration);
  void let_begin(user&);
  void end_of_settling();
  bool settling() const { return settled_at_ && now() < *settled_at_; }
  void join_user(user);
  void join_judge(judge);
  void offer(const node&, const judge&);
  void join_run(std::int64_t run, const scheduler_actor&);
  void durable(const record_batch&);
  void tell_of_lost(const std::string& name, const node&, const user&);
  static bool serves(const node&, const user&);
  void offer(const node&, const user&);
  void warn_of_unserved();
  void withdraw(const node&);
  duration quarantine_left(const node&) const;
  std::vector<node_status> status() const;
  instant now() const { return self_->clock().now(); }

  node_registry_actor::pointer self_;
  node_settings rules_;
  std::map<std::string, node> nodes_;
  std::vector<user> users_;
  std::vector<judge> judges_;          ///< that run programs
  std::optional<instant> settled_at_;  ///< from when on nodes are offered that were here before
  bool has_settled_ = false;
  duration farthest_{};  ///< the way to the farthest node that has ever been here
  std::map<std::int64_t, scheduler_actor> runs_;
  late_shelf early_{{}};  ///< late results of runs not begun yet
};

node_registry_actor::behavior_type node_registry(
    node_registry_actor::stateful_pointer<node_registry_state>, node_registry_config);

/// Exchanges of one account that a node may run at the same time: its own limit for the account, or
/// else its whole capacity divided among the accounts that it can call.
std::uint32_t share_of(const node_terms&, const abilities&, const std::string& account);

}  // namespace assay::actors
