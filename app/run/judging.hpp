#pragma once

#include <memory>

#include "app/run/prepare.hpp"

namespace assay::app {

/// A past run and who is to judge its stored answers.
struct judging_request {
  const settings& config;  ///< declares the judge's models and their providers
  judge_settings judge;    ///< asks models
  std::string ledger_path;
  std::unique_ptr<storage::ledger> ledger;
  storage::run_info info;
  std::unique_ptr<storage::run_lock> lock;  ///< of the run
};

/// Makes ready a session that asks the models of a judge about stored answers and sends nothing
/// else: it has no plan. Limits and budget are those of the file's experiment of the run's name, if
/// there is one.
checked<prepared_run> prepare_judging(judging_request);

/// Verdicts that judges of the run which ask models have still to give for stored answers.
expected<std::size_t> count_owed(storage::ledger&, storage::run_id,
                                 const std::vector<actors::conductor_config>&);

}  // namespace assay::app
