#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/ranking/material.hpp"

/// Runs, models or prompts held against each other (definitions: docs/compare.md).
namespace assay::compare {

using ranking::row;
using ranking::side;
using ranking::subject;

/// A run and the ledger that holds it.
struct source {
  storage::ledger* ledger = nullptr;
  storage::run_info run;
};

/// What people know a row by.
struct row_names {
  task_key key;
  std::string sample_id;
  std::uint32_t tag_list = 0;  ///< index into `material::tag_lists`
};

/// All that is compared.
struct material : ranking::material {
  std::vector<std::vector<row_names>> names;  ///< by side, then by row
  std::vector<std::vector<std::string>> tag_lists;
  std::size_t without_cluster = 0;  ///< samples that stand alone since they name no cluster
};

/// Reads the runs and cuts them into sides. Only the judges named, or all if none is. A problem if
/// there are fewer than two sides, or nothing to compare them by.
expected<material> gather(const std::vector<source>&, subject, std::vector<std::string> judges);

/// Samples that agree in `name` form a cluster. The name is `dataset`, `task_type`, `difficulty`, a
/// field of the samples, or the first part of tags like `name:value`; a problem if it is none.
expected<void> set_clusters(material&, const std::vector<source>&, const std::string& name);

}  // namespace assay::compare
