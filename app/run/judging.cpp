#include "app/run/judging.hpp"

#include <algorithm>

#include "app/run/accounts.hpp"
#include "app/run/conductors.hpp"

namespace assay::app {

namespace {

/// Of no dataset, so that its plan has no task.
experiment_settings experiment_for(const judging_request& wanted) {
  experiment_settings only;
  if (const auto* declared = find_named(wanted.config.experiments, wanted.info.experiment)) {
    only.spending = declared->spending;
    only.concurrency = declared->concurrency;
    only.declared_at = declared->declared_at;
  }
  only.name = wanted.info.experiment;
  only.judges = {wanted.judge.name};
  only.judge_reserve = 1;
  return only;
}

/// The file as it stands, but with this judge.
settings config_for(const judging_request& wanted) {
  auto all = wanted.config;
  std::erase_if(all.judges, [&](const auto& other) { return other.name == wanted.judge.name; });
  all.judges.push_back(wanted.judge);
  return all;
}

}  // namespace

expected<std::size_t> count_owed(storage::ledger& ledger, storage::run_id run,
                                 const std::vector<actors::conductor_config>& conductors) {
  std::size_t owed = 0;
  for (const auto& c : conductors) {
    if (!c.judges()) continue;
    auto listed = ledger.unjudged(run, c.purpose, c.judge_version, [&](const record&) { ++owed; });
    if (!listed) return tl::make_unexpected(listed.error());
  }
  return owed;
}

checked<prepared_run> prepare_judging(judging_request wanted) {
  auto failed = [](const problem& p) { return tl::make_unexpected(std::vector<problem>{p}); };
  const auto config = config_for(wanted);
  const auto only = experiment_for(wanted);
  auto plan = evaluation::plan::make(config, only);
  if (!plan) return tl::make_unexpected(plan.error());
  prepared_run run{.config = config, .experiment = only, .plan = std::move(*plan)};
  auto conductors = make_conductors(run.config, run.experiment);
  if (!conductors) return tl::make_unexpected(conductors.error());
  auto accounts = open_accounts(run.config, wanted.judge.grader.models);
  if (!accounts) return tl::make_unexpected(accounts.error());
  auto locks = lock_accounts(*wanted.ledger, *accounts);
  if (!locks) return failed(locks.error());
  auto owed = count_owed(*wanted.ledger, wanted.info.id, *conductors);
  if (!owed) return failed(owed.error());
  auto before = wanted.ledger->runs();
  if (!before) return failed(before.error());
  run.after_a_crash = std::any_of(before->begin(), before->end(), [](const auto& other) {
    return other.state == storage::run_state::running;
  });
  if (auto opened = wanted.ledger->open_run(wanted.info); !opened) return failed(opened.error());
  run.conductors = std::move(*conductors);
  run.providers = std::move(*accounts);
  run.account_locks = std::move(*locks);
  run.owed = *owed;
  run.ledger_path = std::move(wanted.ledger_path);
  run.ledger = std::move(wanted.ledger);
  run.info = std::move(wanted.info);
  run.lock = std::move(wanted.lock);
  return run;
}

}  // namespace assay::app
