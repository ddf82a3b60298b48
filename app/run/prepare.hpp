#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/batch_desk.hpp"
#include "actors/conductor.hpp"
#include "actors/judge.hpp"
#include "actors/worker.hpp"
#include "evaluation/plan.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"
#include "messages/units.hpp"
#include "messages/work.hpp"
#include "storage/ledger.hpp"

namespace assay::app {

/// An experiment made ready: its plan is in the ledger, the run is ours, and what is missing is
/// known.
struct prepared_run {
  settings config;
  experiment_settings experiment;
  evaluation::plan plan;
  std::string ledger_path;
  std::optional<std::int64_t> term;  ///< see `run_manner`
  std::unique_ptr<storage::ledger> ledger;
  storage::run_info info;
  std::unique_ptr<storage::run_lock> lock;
  std::vector<std::unique_ptr<storage::account_lock>> account_locks;
  bool after_a_crash = false;  ///< a run in the ledger ended without a word
  std::vector<actors::account_access_ptr> providers;
  std::vector<actors::judge_config> judges;          ///< by rules
  std::vector<actors::conductor_config> conductors;  ///< of the mode, and judges that ask models
  std::vector<std::uint32_t> missing;                ///< positions to do now, after max_tasks
  std::size_t missing_in_all = 0;                    ///< before max_tasks
  std::size_t spared = 0;                            ///< not asked, since enough is known already
  std::size_t owed = 0;                              ///< verdicts that stored answers lack
  std::size_t copied = 0;                            ///< answers just taken from equal requests
};

/// Nothing is to be sent: every task that is wanted has its outcome, every outcome its verdicts.
inline bool nothing_to_do(const prepared_run& run) { return run.missing.empty() && run.owed == 0; }

/// Now, on both clocks.
time_anchor anchor_now();

/// Who needs the API keys of a run's accounts.
enum class key_holder : std::uint8_t { this_process, nodes };

/// How a run is carried out.
struct run_manner {
  key_holder keys = key_holder::this_process;
  std::optional<std::int64_t> term = {};  ///< of the lease under which it writes
};

/// Plans the experiment, opens its run in the ledger and takes the run's lock, copies answers to
/// equal requests, judges stored answers that lack a verdict, and finds what is missing. A batch
/// that is open is always among what is to be done. Fails if one is open and the experiment is not
/// delivered in batches any more, or its provider is not one of the experiment's any more.
checked<prepared_run> prepare(const settings&, const experiment_settings&,
                              const std::string& ledger_path, const time_anchor&,
                              const run_manner& = {});

/// The judges of an experiment that score by a rule, compiled.
checked<std::vector<actors::judge_config>> make_judges(const settings&, const experiment_settings&);

/// The accounts that these models use, with their keys; a key that only nodes need may be missing.
checked<std::vector<actors::account_access_ptr>> open_accounts(
    const settings&, const std::vector<std::string>& models, key_holder = key_holder::this_process);

/// The missing tasks as the scheduler takes them. What is in an open batch is for nobody but the
/// provider that has it.
work_ptr make_work(const prepared_run&, std::vector<std::uint32_t> positions,
                   const std::vector<actors::held_batch>& open);

}  // namespace assay::app
