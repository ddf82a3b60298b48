#include "tests/actors/node_fakes.hpp"

#include <algorithm>

#include "messages/wire_size.hpp"

namespace assay::tests {

namespace {

template <class T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

node_registry_actor::behavior_type noting_registry(node_registry_actor::pointer,
                                                   std::shared_ptr<registered> into) {
  return {[](const node_terms&, const desk_actor&) { return welcome{}; },
          [into](const std::string&, const abilities& can) { into->able.push_back(can); },
          [](const std::string&, const heartbeat&) {},
          [](drain_atom, const std::string&) {},
          [into](leave_atom, const desk_actor&, bool is_loss, const std::vector<call_under_way>&) {
            into->left.push_back(is_loss);
          },
          [into](const std::vector<late_result>& late) { append(into->late, late); },
          [into](const std::string&, const std::vector<call_under_way>& calls) {
            append(into->under_way, calls);
          },
          [into](refuse_atom, const std::string&, std::uint64_t n) { into->refused += n; },
          [](join_atom, const std::string&, const std::vector<std::string>&,
             const place_user_actor&) {},
          [](join_atom, const node_judge&, const judge_actor&) {},
          [](join_atom, std::int64_t, const scheduler_actor&) {},
          [](const record_batch&) {},
          [](stop_atom) {},
          [](status_atom) { return std::vector<node_status>{}; },
          [](internal_atom) {}};
}

provider_actor::behavior_type noting_provider(provider_actor::pointer, std::shared_ptr<told> into) {
  return {[](const std::vector<handed_task>&) {},
          [](std::uint64_t, const exchange_result&) {},
          [](std::uint64_t, const early_headers&) {},
          [](commit_atom, std::uint32_t) {},
          [](drain_atom) {},
          [](status_atom) { return provider_status{}; },
          [](internal_atom, std::uint64_t) {},
          [into](const std::vector<ended_exchange>& ended) { append(into->ended, ended); },
          [into](join_atom, const std::vector<std::string>& nodes) { into->here = nodes; },
          [into](join_atom, const node_offer& offer, const place_actor&) {
            into->offers.push_back(offer);
          },
          [into](leave_atom, const std::string& node) { into->left.push_back(node); }};
}

place_actor::behavior_type noting_place(place_actor::pointer, permits into) {
  return {[into](const std::string&, const std::vector<assignment>& batch) {
            for (const auto& a : batch) into->push_back(a.permit);
          },
          [](cancel_atom, std::uint64_t) {}};
}

node_terms terms_of(const std::string& name) {
  node_terms terms;
  terms.name = name;
  return terms;
}

node_actor::behavior_type noting_node(node_actor::pointer self, desk_actor desk, node_terms terms,
                                      std::shared_ptr<heard> into) {
  self->request(desk, caf::infinite, terms).then([](const welcome&) {}, [](const caf::error&) {});
  return {[into](const std::vector<node_call>& calls) { into->calls.push_back(calls); },
          [](cancel_atom, std::uint64_t) {},
          [](const std::vector<account_offer>&) {},
          [](commit_atom, const std::vector<std::uint64_t>&) {},
          [into](return_atom, const std::vector<std::uint64_t>& tickets) { into->again = tickets; },
          [](const heartbeat_echo&) {},
          [into](const node_judge& j) { into->judges.push_back(j); },
          [into](leave_atom, std::uint64_t judge) { into->judges_left.push_back(judge); },
          [into](const std::vector<examination>& some) { append(into->examinations, some); },
          [into](cancel_atom, const std::vector<std::uint64_t>& tickets, bool even_if_begun) {
            into->called_off.emplace_back(tickets, even_if_begun);
          }};
}

node_desk_actor::behavior_type noting_desk(node_desk_actor::pointer self,
                                           std::shared_ptr<seen> into) {
  return {[into](const node_terms&) { return into->answer; },
          [into](const abilities& a) {
            into->can = a;
            into->order.push_back(a.ready ? "ready" : "not ready");
          },
          [self, into](const heartbeat& h) {
            into->holds = h.examinations;
            if (into->silent) return;
            auto node = caf::actor_cast<node_actor>(self->current_sender());
            self->send(node, heartbeat_echo{h.number, h.sent, self->clock().now()});
          },
          [](const std::vector<node_headers>&) {},
          [into](const std::vector<node_result>& r) {
            into->largest = std::max(into->largest, wire_size(r));
            append(into->results, r);
          },
          [into](const std::vector<late_result>& r) {
            into->largest = std::max(into->largest, wire_size(r));
            append(into->late, r);
            into->order.push_back("late");
          },
          [into](const judge_ability& can) { into->judges.push_back(can); },
          [into](const std::vector<ended_examination>& some) { append(into->ended, some); }};
}

}  // namespace assay::tests
