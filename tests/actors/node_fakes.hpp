#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "messages/node_protocols.hpp"

/// Whom a desk, a registry, a provider or a node speaks to, noting what it is told.
namespace assay::tests {

/// What a registry heard.
struct registered {
  std::vector<abilities> able;
  std::vector<late_result> late;
  std::vector<call_under_way> under_way;
  std::uint64_t refused = 0;
  std::vector<bool> left;  ///< whether it was a loss
};

/// Lets everybody in.
node_registry_actor::behavior_type noting_registry(node_registry_actor::pointer,
                                                   std::shared_ptr<registered>);

/// What a provider heard of its places.
struct told {
  std::vector<ended_exchange> ended;
  std::vector<std::string> here;  ///< that are about to join
  std::vector<node_offer> offers;
  std::vector<std::string> left;
};

provider_actor::behavior_type noting_provider(provider_actor::pointer, std::shared_ptr<told>);

using permits = std::shared_ptr<std::vector<std::uint64_t>>;

/// Notes the permits of the exchanges that it is to do, and does none.
place_actor::behavior_type noting_place(place_actor::pointer, permits);

/// Those of a node of this very version.
node_terms terms_of(const std::string& name);

/// What a node heard.
struct heard {
  std::vector<std::vector<node_call>> calls;  ///< by message
  std::vector<std::uint64_t> again;           ///< tickets whose results it was asked for once more
  std::vector<node_judge> judges;
  std::vector<std::uint64_t> judges_left;
  std::vector<examination> examinations;
  std::vector<std::pair<std::vector<std::uint64_t>, bool>> called_off;  ///< examinations
};

/// Joins the desk with these terms, and does nothing of what it is asked for.
node_actor::behavior_type noting_node(node_actor::pointer, desk_actor, node_terms,
                                      std::shared_ptr<heard>);

/// What a desk heard of its node, and how it answers.
struct seen {
  welcome answer;       ///< to whoever joins
  bool silent = false;  ///< signs of life are not answered from now on
  std::vector<node_result> results;
  std::vector<late_result> late;
  abilities can;
  std::vector<std::string> order;  ///< in which it was told abilities and late results
  std::size_t largest = 0;         ///< bytes of a message with results
  std::vector<judge_ability> judges;
  std::vector<ended_examination> ended;
  std::uint32_t holds = 0;  ///< examinations, as the node told last
};

node_desk_actor::behavior_type noting_desk(node_desk_actor::pointer, std::shared_ptr<seen>);

}  // namespace assay::tests
