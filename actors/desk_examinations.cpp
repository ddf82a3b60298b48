#include "actors/desk_examinations.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/parcels.hpp"
#include "actors/sound_result.hpp"

namespace assay::actors {

void desk_examinations::open(const node_terms& terms, const node_actor& node,
                             std::uint32_t max_message) {
  node_ = node;
  name_ = terms.name;
  programs_ = terms.programs;
  max_message_ = max_message;
}

void desk_examinations::close() {
  node_ = nullptr;
  std::map<std::uint64_t, std::vector<ended_examination>> by_judge;
  for (const auto& [ticket, g] : std::exchange(given_, {}))
    by_judge[g.judge].push_back({g.number, examination_end::lost, {}});
  for (auto& [number, lost] : by_judge)
    if (auto by = users_.find(number); by != users_.end()) tell(by->second.handle, std::move(lost));
  users_.clear();
}

// -- judges ---------------------------------------------------------------------------------------

std::uint64_t desk_examinations::number_of(const caf::actor_addr& judge) const {
  for (const auto& [number, u] : users_)
    if (u.handle.address() == judge) return number;
  return 0;
}

void desk_examinations::introduce(node_judge of, const judge_actor& judge, duration way) {
  if (!node_ || programs_ == 0) return;
  if (auto known = number_of(judge.address())) return offer(users_.at(known), way);
  of.number = next_judge_++;
  users_[of.number] = {judge, of.settings.name};
  self_->monitor(judge);
  if (wire_size(of) + frame_bytes > max_message_)
    return able({of.number, too_large("judge", wire_size(of), max_message_)}, way);
  self_->send(node_, std::move(of));
}

void desk_examinations::able(const judge_ability& can, duration way) {
  auto found = users_.find(can.judge);
  if (!node_ || found == users_.end()) return;
  auto& u = found->second;
  u.able = can.unable.empty();
  if (!u.able)
    spdlog::warn("node-cannot-examine node={} judge={} reason=\"{}\"", name_, u.name, can.unable);
  offer(u, way);
}

void desk_examinations::offer(const user& u, duration way) {
  if (u.able)
    self_->send(u.handle, join_atom_v, node_offer{name_, programs_, way},
                caf::actor_cast<examining_place_actor>(desk_actor{self_}));
}

/// What it has at the node is called off; the ends of it find nobody.
void desk_examinations::leave(const caf::actor_addr& judge) {
  auto number = number_of(judge);
  if (number == 0) return;
  std::vector<std::uint64_t> unwanted;
  for (const auto& [ticket, g] : given_)
    if (g.judge == number) unwanted.push_back(ticket);
  users_.erase(number);
  if (!unwanted.empty()) self_->send(node_, cancel_atom_v, std::move(unwanted), true);
  self_->send(node_, leave_atom_v, number);
}

// -- examinations ---------------------------------------------------------------------------------

void desk_examinations::tell(const judge_actor& judge, std::vector<ended_examination> ended) {
  self_->send(judge, name_, std::move(ended));
}

void desk_examinations::take(std::vector<examination>& batch) {
  auto by = caf::actor_cast<judge_actor>(self_->current_sender());
  auto judge = number_of(by.address());
  std::vector<examination> out;
  std::vector<ended_examination> refused;
  for (auto& e : batch) {
    if (judge == 0) {
      refused.push_back({e.ticket, examination_end::not_taken, {}});
    } else if (wire_size(e) + frame_bytes > max_message_) {
      refused.push_back({e.ticket, examination_end::too_large, {}});
    } else {
      auto ticket = next_ticket_++;
      given_[ticket] = {judge, e.ticket};
      e.ticket = ticket;
      e.judge = judge;
      out.push_back(std::move(e));
    }
  }
  send_in_parcels(std::move(out), max_message_,
                  [this](std::vector<examination> some) { self_->send(node_, std::move(some)); });
  if (!refused.empty()) tell(by, std::move(refused));
}

void desk_examinations::call_off(const std::vector<std::uint64_t>& numbers, bool even_if_begun) {
  auto judge = number_of(caf::actor_cast<caf::actor_addr>(self_->current_sender()));
  std::vector<std::uint64_t> tickets;
  for (const auto& [ticket, g] : given_)
    if (g.judge == judge && std::find(numbers.begin(), numbers.end(), g.number) != numbers.end())
      tickets.push_back(ticket);
  if (!tickets.empty()) self_->send(node_, cancel_atom_v, std::move(tickets), even_if_begun);
}

void desk_examinations::ended(std::vector<ended_examination>& batch, const refusal& refuse) {
  if (!node_) return;
  std::map<std::uint64_t, std::vector<ended_examination>> by_judge;
  std::map<std::string, std::uint64_t> refused;
  for (auto& e : batch) {
    auto found = given_.extract(e.ticket);
    if (!found) {
      ++refused["it was not asked for these verdicts"];
      continue;
    }
    if (auto wrong = unsound(e); !wrong.empty()) {
      ++refused["it reported " + wrong];
      e = {0, examination_end::refused, {}};
    }
    e.ticket = found.mapped().number;
    by_judge[found.mapped().judge].push_back(std::move(e));
  }
  for (const auto& [why, verdicts] : refused) refuse(verdicts, why);
  for (auto& [number, some] : by_judge)
    if (auto by = users_.find(number); by != users_.end()) tell(by->second.handle, std::move(some));
}

}  // namespace assay::actors
