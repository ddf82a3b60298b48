#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/plan/forecast.hpp"

namespace assay::planning {

/// The forecast as text on stdout, at most 80 columns wide.
void print(const run_forecast&);

nlohmann::json to_json(const run_forecast&);

}  // namespace assay::planning
