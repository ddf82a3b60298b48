#include "app/bench/gathering.hpp"

#include <algorithm>

namespace assay::bench {

namespace {

bool holds(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// Why this node, which has been here, cannot be called.
std::string why_not(const node_status& node, const std::string& account) {
  if (node.state != "up") return "is " + node.state;
  if (auto why = node.unable.find(account); why != node.unable.end())
    return "cannot call " + account + ": " + why->second;
  if (holds(node.accounts, account)) return "lacks the tags that " + account + " asks for";
  return "has not said yet what it can call";
}

}  // namespace

bool gathering::is_over(const std::vector<std::string>& ready, instant now) {
  if (ready != ready_) changed_ = now;
  ready_ = ready;
  if (now - began_ >= wanted_.patience) return true;
  if (wanted_.names.empty()) return ready.size() >= wanted_.least && now - changed_ >= settling;
  return std::all_of(wanted_.names.begin(), wanted_.names.end(),
                     [&](const std::string& name) { return holds(ready, name); });
}

std::vector<std::string> absent(const gathering_wishes& wanted,
                                const std::vector<std::string>& ready,
                                const std::vector<node_status>& nodes, const std::string& account) {
  auto names = wanted.names;
  if (names.empty())
    for (const auto& node : nodes) names.push_back(node.name);
  std::vector<std::string> sentences;
  for (const auto& name : names) {
    if (holds(ready, name)) continue;
    auto known = std::find_if(nodes.begin(), nodes.end(),
                              [&](const node_status& node) { return node.name == name; });
    sentences.push_back(name + " " +
                        (known == nodes.end() ? "has not joined" : why_not(*known, account)));
  }
  return sentences;
}

}  // namespace assay::bench
