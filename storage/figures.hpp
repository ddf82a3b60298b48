#pragma once

#include "storage/connection.hpp"
#include "storage/ledger.hpp"

/// The queries that read no texts: what is missing, scores, exchanges. See `ledger` for what each
/// promises.
namespace assay::storage {

expected<std::vector<std::size_t>> missing_positions(connection&, run_id);
expected<std::vector<std::size_t>> missing_keys(connection&, const std::vector<task_key>&);
expected<void> visit_scores(connection&, run_id, const std::vector<std::string>& judges,
                            const std::function<void(score_row)>& visit);
expected<void> visit_attempts(connection&, run_id,
                              const std::function<void(const attempt_row&)>& visit);
expected<void> visit_sample_fields(
    connection&, run_id,
    const std::function<void(const task_key&,
                             const std::vector<std::pair<std::string, std::string>>&)>& visit);
expected<void> visit_verdicts(connection&, run_id, const std::string& judge,
                              const std::function<void(const verdict&)>& visit);
expected<std::vector<std::string>> judge_names(connection&, run_id);

}  // namespace assay::storage
