#pragma once

#include "evaluation/procedure.hpp"
#include "tests/simulation/world.hpp"

/// Samples and verdicts that take several calls, for simulated worlds.
namespace assay::tests {

/// A sample of `calls` calls one after the other, each of which quotes the answer before. A call
/// that ends in error ends the sample in it.
evaluation::procedure_maker_ptr chain_of(int calls);

/// A verdict of one question to the model: right, whatever it says.
evaluation::procedure_maker_ptr asking_judge();

/// The conductors of a scenario.
std::vector<actors::conductor_config> conductors_of(const scenario&, std::shared_ptr<memory_store>,
                                                    std::function<task(std::uint32_t)> make);

/// What the scheduler knows the holder of samples of several calls by.
inline const std::string chained = "chained";

}  // namespace assay::tests
