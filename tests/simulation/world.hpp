#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "actors/conductor.hpp"
#include "messages/settings.hpp"
#include "messages/status.hpp"
#include "providers/simulated/service.hpp"
#include "tests/simulation/fleet.hpp"
#include "tests/simulation/memory_ledger.hpp"

namespace assay::tests {

/// One account and the simulated service behind it.
struct simulated_account {
  provider_settings client;  ///< what assay is told
  mock_settings server;      ///< what the API does
};

/// One that is told all of its limits, and an API without faults that answers after so long.
simulated_account plain_account(const std::string& name, int places = 10,
                                double first_token_ms = 300);

/// A whole system to be run in virtual time.
struct scenario {
  std::uint64_t seed = 1;
  std::uint32_t tasks = 20;
  std::vector<simulated_account> accounts;
  /// Who may serve task i; empty: all accounts.
  std::function<std::vector<std::string>(std::uint32_t)> providers_of;
  std::optional<double> max_cost_usd;
  std::optional<std::uint32_t> concurrency;
  price_table prices;
  route_policy route = route_policy::any_room;
  /// How much longer an exchange takes that begins so many seconds after the start at this account,
  /// from a draw in [0, 1); may be empty.
  std::function<double(const std::string&, double, double)> slower_s;
  int calls = 1;                       ///< that a sample takes
  bool asking_judge = false;           ///< a judge that asks the model, besides the one by a rule
  std::optional<stop_rule> stop_when;  ///< by the judge with a rule, "sum"
  bool known_answers = false;          ///< the services know the right ones
  double hedge = 0;
  batching_settings batching;
  double lost_reports = 0;            ///< part of the exchanges whose end nobody hears of
  std::vector<std::string> fallback;  ///< accounts that serve only while the others cannot
  delivery_mode delivery = delivery_mode::single;
  std::vector<simulated_node> nodes;
  bool only_nodes = false;  ///< the coordinator's process calls nobody itself
  double program_s = 0;     ///< mean time of the programs that the judge runs; 0: it runs none
  std::uint32_t programs_here = 2;
  int fail_commit = 0;
  int fail_note = 0;  ///< of a batch
  bool fail_after_write = false;
  double drain_after_s = 0;  ///< gentle stop at this virtual time; 0: never
  bool start_again = false;  ///< ... and then the same run once more
  bool shuffle = true;       ///< mailbox order drawn from the seed
  double give_up_after_s = 3600;
  milliseconds look_every{500};  ///< whether it has finished
};

/// What came of it.
struct world_end {
  memory_store store;
  progress_snapshot last;
  std::vector<node_status> nodes;
  std::map<std::string, std::vector<simulated::truth>> arrivals;  ///< per account
  double makespan_s = 0;  ///< virtual, from the start to the end of the last exchange
  double finished_s = 0;  ///< virtual, from the start until it was seen to have finished
  bool finished = false;
};

/// Runs the very actors of `assay run` under CAF's test coordinator until they have finished.
world_end run_world(const scenario&);

/// A scenario with limits, faults, latencies, crashes and routing drawn from a seed.
scenario draw_scenario(std::uint64_t seed);

/// Checks the rules of the house on what came of it; returns every violation in words.
std::vector<std::string> violations(const scenario&, const world_end&);

}  // namespace assay::tests
