#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/workshop.hpp"
#include "messages/problem.hpp"

namespace assay::app {

/// Between two attempts of a node to reach a coordinator, at most.
constexpr milliseconds longest_wait{3'000};
/// When a coordinator is there again, nodes that can reach it have come within this time.
constexpr milliseconds nodes_return_within{longest_wait.count() + 1'000};

struct node_options {
  std::vector<std::string> coordinators;  ///< `HOST:PORT`, tried in turn: one leads
  std::string certificates;               ///< folder with `ca.pem`, `NAME.pem`, `NAME.key`
  std::string results_dir;                ///< empty: results are kept in memory only
  node_terms terms;
  std::string egress;  ///< `abilities::egress`
  /// At the same time; if not said, one per core where the sandbox works, else none.
  std::optional<std::uint32_t> programs;
};

/// Programs that this machine runs at the same time. Problems: more than 0 are wanted, and the
/// sandbox does not work.
expected<std::uint32_t> programs_of(const node_options&);

/// A process that works for a coordinator: stays connected to it, or to the one that takes its
/// place, with waits that grow while that fails, and runs the calls that it is handed, until it is
/// told to stop.
class node {
 public:
  /// Problems: address, certificates, results folder.
  static expected<std::unique_ptr<node>> make(const node_options&);
  ~node();

  /// Works until `wait` says that a stop signal came: then takes nothing more, finishes what it
  /// has, hands it over and returns; at a second signal at once. True if all was handed over.
  bool work(const std::function<bool(milliseconds)>& wait);

 private:
  struct parts;
  explicit node(std::unique_ptr<parts>);
  std::unique_ptr<parts> parts_;
};

/// The account that is offered, with the key that was sent along or that this machine has.
/// Problems: an unknown dialect, no key here.
expected<actors::account_access_ptr> resolve(const account_offer&);

}  // namespace assay::app
