#pragma once

#include "actors/stopper.hpp"
#include "tests/simulation/world.hpp"

/// Runs that stop when the mean is known precisely enough, for simulated worlds.
namespace assay::tests {

/// Where task i stands in the order.
std::uint64_t number_of(std::uint32_t i);

/// The mean by what the store holds. `asked_again`: errors have not ended.
analysis::stopping_watch watch_of(const scenario&, const memory_store&, bool asked_again = false);

/// Leaves out what is not wanted any more, and puts the rest into the order.
void choose_by_rule(const scenario&, const memory_store&, work&);

std::optional<actors::stopper_config> stopper_of(const scenario&, const memory_store&);

}  // namespace assay::tests
