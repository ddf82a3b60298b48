#pragma once

#include <memory>
#include <vector>

#include "messages/node_protocols.hpp"

/// Who a desk or a registry speaks to, noting what it is told.
namespace assay::tests {

/// What a registry heard.
struct registered {
  std::vector<late_result> late;
  std::vector<call_under_way> under_way;
  std::uint64_t refused = 0;
  std::vector<bool> left;  ///< whether it was a loss
};

/// Lets everybody in.
inline node_registry_actor::behavior_type noting_registry(node_registry_actor::pointer,
                                                          std::shared_ptr<registered> into) {
  return {[](const node_terms&, const desk_actor&) { return welcome{}; },
          [](const std::string&, const abilities&) {},
          [](const std::string&, const heartbeat&) {},
          [](drain_atom, const std::string&) {},
          [into](leave_atom, const desk_actor&, bool is_loss, const std::vector<call_under_way>&) {
            into->left.push_back(is_loss);
          },
          [into](std::vector<late_result>& late) {
            std::move(late.begin(), late.end(), std::back_inserter(into->late));
          },
          [into](const std::string&, std::vector<call_under_way>& calls) {
            std::move(calls.begin(), calls.end(), std::back_inserter(into->under_way));
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

/// What a provider heard of its places.
struct told {
  std::vector<ended_exchange> ended;
  std::vector<node_offer> offers;
};

inline provider_actor::behavior_type noting_provider(provider_actor::pointer,
                                                     std::shared_ptr<told> into) {
  return {[](const std::vector<handed_task>&) {},
          [](std::uint64_t, const exchange_result&) {},
          [](std::uint64_t, const early_headers&) {},
          [](commit_atom, std::uint32_t) {},
          [](drain_atom) {},
          [](status_atom) { return provider_status{}; },
          [](internal_atom, std::uint64_t) {},
          [into](std::vector<ended_exchange>& ended) {
            std::move(ended.begin(), ended.end(), std::back_inserter(into->ended));
          },
          [](join_atom, const std::vector<std::string>&) {},
          [into](join_atom, const node_offer& offer, const place_actor&) {
            into->offers.push_back(offer);
          },
          [](leave_atom, const std::string&) {}};
}

}  // namespace assay::tests
