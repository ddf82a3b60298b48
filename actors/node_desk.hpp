#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/call_sealer.hpp"
#include "actors/desk_examinations.hpp"
#include "actors/earlier_calls.hpp"
#include "messages/node_protocols.hpp"

namespace assay::actors {

struct node_desk_config {
  std::string peer;  ///< the name in the certificate of whoever is at the other end
  node_registry_actor registry;
  std::vector<account_offer> accounts;
  node_settings rules;
  std::string secret;                ///< of the ledger, by which calls are sealed
  std::function<void()> disconnect;  ///< closes the connection; may be empty
  std::string address{};             ///< that it connects from; empty: ours
  std::function<bool()> leads{};     ///< whether nobody else leads by now; empty: it is sure
};

/// What a coordinator has at one end of a connection; a node is at the other. Knows which calls
/// are at the node and who wants to hear of their end. A node that is not heard of any more is
/// lost: its calls end as `node_lost`. Cooperative.
///
/// Invariant: every assignment gets exactly one report.
class node_desk_state {
 public:
  static inline const char* name = "node_desk";
  explicit node_desk_state(desk_actor::pointer self) : self_(self), examinations_(self) {}
  void configure(node_desk_config config);
  desk_actor::behavior_type make_behavior();

 private:
  struct call {
    place_user_actor by;
    std::uint64_t permit = 0;
    instant intended;
    instant admitted;
    task_key key;
    std::int64_t run = 0;
    std::string account;
  };
  /// What is known of a task but not durable.
  struct reported {
    std::int64_t run = 0;
    std::string account;
    std::vector<std::uint64_t> tickets;
  };

  caf::result<welcome> join(const node_terms&);
  void note_egress(std::string& said);
  void let_in(const welcome&, const node_terms&, const node_actor&);
  void beat(const heartbeat&);
  void take(const std::string& provider, std::vector<assignment>&);
  void serve(const std::string& account, node_offer, const place_user_actor&);
  bool is_too_large(const node_call&);
  void call_off(std::uint64_t permit);
  void ended_of_before(const std::string& account);
  void ask_again(const std::string& account);
  void headers(const std::vector<node_headers>&);
  void results(std::vector<node_result>&);
  caf::result<void> late(std::vector<late_result>&);
  void refuse_forged(std::vector<late_result>&);
  void note_refused(std::uint64_t results, const std::string& why);
  void examined(std::vector<ended_examination>&);
  duration way() const;
  void durable(const std::vector<task_key>&);
  void leave(const std::string& why, bool is_loss);
  void tell_end(const std::string& why, bool is_loss);
  void stop();
  void learn(abilities&);
  void note_earlier(std::vector<call_under_way>);
  duration longest(const std::string& account) const;
  std::vector<call_under_way> all_under_way() const;
  void tell_under_way(std::int64_t run, const scheduler_actor&);
  void look();
  void look_in(duration wait);
  duration patience_left() const;
  void report_all(error_class, const std::string& why);
  exchange_result told_by_us(exchange_result, const call&);

  instant now() const { return self_->clock().now(); }
  /// Only who has joined can put off the end by speaking.
  void heard() {
    if (node_) last_heard_ = now();
  }

  desk_actor::pointer self_;
  node_desk_config config_;
  std::optional<call_sealer> sealer_;
  std::string node_name_;  ///< empty: has not joined
  node_actor node_;
  std::unordered_map<std::uint64_t, call> calls_;
  desk_examinations examinations_;
  std::map<std::string, place_user_actor> users_;  ///< by account
  std::uint32_t most_ = 0;                         ///< exchanges at the same time, as the node says
  earlier_calls earlier_;
  std::unordered_map<task_key, reported> unconfirmed_;
  bool brought_late_ = false;  ///< and told so
  bool awaits_late_ = false;   ///< results that the node was asked for once more
  std::uint64_t next_ticket_ = 1;
  origin clock_;
  instant last_heard_{};
  instant next_look_{};
  bool draining_ = false;
  bool refused_ = false;  ///< and told so
  bool closed_ = false;
};

desk_actor::behavior_type node_desk(desk_actor::stateful_pointer<node_desk_state>,
                                    node_desk_config);

}  // namespace assay::actors
