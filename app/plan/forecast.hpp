#pragma once

#include <string>
#include <vector>

#include "analysis/lower_bound.hpp"
#include "app/plan/scene.hpp"

namespace assay::planning {

/// A figure that differs from run to run: 19 of 20 runs are expected within `low` ... `high`.
struct range {
  double expected = 0;
  double low = 0;
  double high = 0;
};

/// The part of one provider.
struct provider_forecast {
  std::string name;
  double tasks = 0;
  double requests = 0;
  double rate_limited = 0;
  double ends_s = 0;  ///< its last answer
  analysis::bound least;
};

/// A changed setting and what it would bring.
struct knob {
  std::string what;  ///< `qps of api`
  std::string from;
  std::string to;
  double bound_saves_s = 0;      ///< by the lower bound
  double simulated_saves_s = 0;  ///< by another simulation with the same draws
};

struct run_forecast {
  std::size_t tasks = 0;
  std::size_t simulated = 0;  ///< tasks of each simulated run; less than `tasks`: extrapolated
  int runs = 0;               ///< seeds
  range makespan_s;
  range cost_usd;
  bool priced = true;
  double input_tokens = 0;
  double output_tokens = 0;
  double follow_ups = 0;  ///< calls that follow from samples
  double errors = 0;      ///< tasks expected to end in error
  analysis::bound least;
  std::vector<provider_forecast> providers;
  std::vector<knob> knobs;  ///< best first
  std::vector<origin> origins;
  std::vector<std::string> notes;
};

/// Tasks that a second or two can simulate, several times.
inline constexpr std::size_t most_simulated_tasks = 40'000;

/// Simulates the run several times and asks what would make it shorter. Of a run larger than
/// `most_simulated` an evenly spread part is simulated, and the lower bound of the whole run says
/// what the rest adds: its overhead lies between none and as much in proportion.
run_forecast make_forecast(const known_scene&, std::size_t most_simulated = most_simulated_tasks);

}  // namespace assay::planning
