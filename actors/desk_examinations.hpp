#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "messages/node_protocols.hpp"

namespace assay::actors {

/// What a desk knows of the examinations at its node: which judges use it, and whose each one is.
/// It believes verdicts of what the node was given and no others.
///
/// Invariants: every examination that a judge hands over gets exactly one end; while the node is
/// not here there is no user.
class desk_examinations {
 public:
  /// Told of so many verdicts that cannot be, and why.
  using refusal = std::function<void(std::uint64_t verdicts, const std::string& why)>;

  explicit desk_examinations(desk_actor::pointer self) : self_(self) {}

  /// The node is here. `max_message` in bytes.
  void open(const node_terms&, const node_actor&, std::uint32_t max_message);
  /// The node is gone: what it held has ended as `lost`.
  void close();

  /// The node may examine for this judge, if it says that it can. Again: its way has changed.
  void introduce(node_judge, const judge_actor&, duration way);
  void able(const judge_ability&, duration way);
  /// Calls off what this judge wanted, if it was one.
  void leave(const caf::actor_addr& judge);

  /// Whether the node holds none.
  bool empty() const { return given_.empty(); }

  /// From the judge that sends.
  void take(std::vector<examination>&);
  void call_off(const std::vector<std::uint64_t>& numbers, bool even_if_begun);
  /// From the node.
  void ended(std::vector<ended_examination>&, const refusal&);

 private:
  struct user {
    judge_actor handle;
    std::string name;
    bool able = false;
  };
  struct given {
    std::uint64_t judge = 0;   ///< `node_judge::number`
    std::uint64_t number = 0;  ///< by which the judge knows it
  };

  std::uint64_t number_of(const caf::actor_addr& judge) const;
  void offer(const user&, duration way);
  void tell(const judge_actor&, std::vector<ended_examination>);

  desk_actor::pointer self_;
  node_actor node_;  ///< null: not here, or gone
  std::string name_;
  std::uint32_t programs_ = 0;
  std::uint32_t max_message_ = 0;
  std::map<std::uint64_t, user> users_;             ///< by `node_judge::number`
  std::unordered_map<std::uint64_t, given> given_;  ///< by ticket
  std::uint64_t next_judge_ = 1;
  std::uint64_t next_ticket_ = 1;
};

}  // namespace assay::actors
