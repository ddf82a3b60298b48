#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/plan/follow_ups.hpp"
#include "app/plan/service_model.hpp"
#include "app/plan/tally.hpp"
#include "app/run/prepare.hpp"

namespace assay::planning {

/// What a forecast needs of a task besides its cell: no texts.
struct task_figures {
  std::uint64_t content = 0;  ///< hash of the messages
  std::uint64_t shared = 0;   ///< hash of those before the last; equal ones may share a call
  std::uint32_t input_tokens = 0;
  std::uint32_t shared_tokens = 0;  ///< of those before the last
  std::uint32_t last_bytes = 0;     ///< length of the last message
};

/// Everything that a run of the missing tasks depends on. Changing `config` or `experiment` and
/// simulating again answers "what if".
struct scene {
  settings config;
  experiment_settings experiment;
  evaluation::plan plan;
  std::vector<std::uint32_t> positions;  ///< to be sent, in plan order
  std::vector<task_figures> tasks;       ///< by position
  /// The model of a service at a provider, for a seed; by provider and declared model.
  std::function<service_model(const std::string& provider, const std::string& model,
                              std::uint64_t seed)>
      service;
  std::vector<procedure_sizes> follow_ups;                     ///< that samples take, and verdicts
  std::map<std::string, limit_settings, std::less<>> servers;  ///< limits the APIs keep
  std::map<std::string, known_limits> found;  ///< by provider: what earlier runs learned of them

  /// What binds a provider, configured or found out.
  limit_settings limits_of(const std::string& provider) const {
    auto known = found.find(provider);
    const auto& configured = find_named(config.providers, provider)->limits;
    return known == found.end() ? configured : with_found(configured, known->second);
  }
};

/// Those that answer samples, and those that judges and modes ask.
std::vector<std::string> models_asked(const scene&);

/// True if each sample takes several calls.
bool takes_procedures(const scene&);

struct simulated_run {
  tally sums;
  instant began{};
  double makespan_s = 0;
  bool finished = false;   ///< false: given up on after a year
  std::string stopped_by;  ///< why tasks were left over; empty if none were
};

/// Runs the actors of `assay run` in virtual time over the given positions of the scene. May be
/// called from several threads at a time.
simulated_run simulate(const scene&, const std::vector<std::uint32_t>& positions,
                       std::uint64_t seed);

}  // namespace assay::planning
