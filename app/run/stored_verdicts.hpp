#pragma once

#include <functional>
#include <memory>

#include "evaluation/judge.hpp"
#include "messages/settings.hpp"
#include "messages/units.hpp"
#include "storage/ledger.hpp"

namespace assay::app {

/// What judging the stored answers of a run came to.
struct judged_again {
  std::size_t verdicts = 0;  ///< given now
  std::size_t unscored = 0;  ///< of these
};

/// Judges the stored answers of a run that lack a verdict by this rule in today's version: after a
/// crash between an outcome and its verdict, or when a judge was added or changed. With all cores,
/// or as many threads as a rule that blocks asks for. `told`, if any, hears of each part that is
/// done.
expected<judged_again> judge_stored(storage::ledger&, storage::run_id, const judge_settings&,
                                    const evaluation::rule_judge&, const time_anchor&,
                                    const std::function<void(const judged_again&)>& told = {});

}  // namespace assay::app
