#pragma once

#include "app/cli/command.hpp"
#include "messages/settings.hpp"

namespace assay::cli {

/// Prints what a run of these experiments would send: cells with have and missing, tasks per
/// provider, what it can cost at most. Sends nothing, writes nothing, needs no keys. Gives the exit
/// code.
int dry_run(const settings&, const globals&);

}  // namespace assay::cli
