#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/stopper.hpp"
#include "app/run/prepare.hpp"

namespace assay::app {

/// Of the positions that lack an outcome those that are still wanted, ascending: a model that has
/// answered enough is asked no new samples; what ended in error is asked again. All of them without
/// a stop rule.
expected<std::vector<std::uint32_t>> still_wanted(storage::ledger&, const prepared_run&,
                                                  std::vector<std::uint32_t> positions);

/// The first `count` positions in the order in which they are asked, ascending.
std::vector<std::uint32_t> first_asked(const prepared_run&, std::vector<std::uint32_t> positions,
                                       std::size_t count);

/// Puts positions into the order in which a run with a stop rule asks them: that of their samples,
/// also of those that an equal request serves.
void put_in_order(work&, const evaluation::plan&);

/// What the stopper is to go on from; none without a stop rule.
expected<std::optional<actors::stopper_config>> recall_stopping(storage::ledger&,
                                                                const prepared_run&);

}  // namespace assay::app
