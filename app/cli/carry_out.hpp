#pragma once

#include "app/cli/command.hpp"
#include "app/report/summary.hpp"
#include "app/run/prepare.hpp"
#include "app/stage/stage.hpp"
#include "messages/problem.hpp"
#include "messages/units.hpp"

/// What the commands that run an experiment share.
namespace assay::cli {

struct finished_run {
  report::run_summary summary;
  int code = success;
};

/// Says on stderr what there is to do, and what limits it.
void announce(const app::prepared_run&, const globals&);

/// Does what is missing, then sums up from the ledger.
expected<finished_run> carry_out(app::prepared_run&, const globals&, const time_anchor&,
                                 app::stage&);

}  // namespace assay::cli
