#pragma once

#include "messages/problem.hpp"

namespace CLI {
class App;
}

namespace assay::cli {

/// The first argument that fits nowhere, with the word that was perhaps meant.
/// REQUIRES: parsing has just thrown CLI::ExtrasError.
problem unexpected_argument(CLI::App& app);

}  // namespace assay::cli
