#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/report/document.hpp"
#include "messages/problem.hpp"
#include "storage/ledger.hpp"

namespace assay::extract {

/// A filled template: what the procedure made of it (docs/extraction.md), and with it the run, the
/// model, how it ended and what it cost.
expected<nlohmann::ordered_json> result_of(const storage::ledger_row&, storage::run_id);

/// For a terminal: the values with their sources and calls, what is missing and why, what was left
/// out, and the source passages, cut.
std::string to_text(const nlohmann::ordered_json& result);

/// Whether a field that the template requires has no value.
bool lacks_required(const nlohmann::ordered_json& result);

}  // namespace assay::extract
