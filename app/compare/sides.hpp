#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/ledger.hpp"

/// Runs, models or prompts held against each other (definitions: docs/compare.md).
namespace assay::compare {

/// What a side is.
enum class subject { run, model, prompt };

/// A run and the ledger that holds it.
struct source {
  storage::ledger* ledger = nullptr;
  storage::run_info run;
};

/// One task as a comparison sees it.
struct row {
  task_key key;
  std::string sample_id;
  std::uint64_t sample = 0;   ///< a number for dataset and sample id
  std::uint64_t cluster = 0;  ///< a number for what the sample varies with; by default itself
  std::uint32_t epoch = 1;
  std::uint32_t cell = 0;      ///< index into `material::cells`
  std::uint32_t tag_list = 0;  ///< index into `material::tag_lists`
  bool has_outcome = false;
  bool error = false;
};

struct side {
  std::string name;  ///< the model, the prompt or the run's experiment, told apart if need be
  storage::run_id run = 0;
  std::vector<row> rows;       ///< in plan order
  std::vector<double> scores;  ///< a row after the other, a judge after the other; NaN for none
};

/// All that is compared.
struct material {
  std::vector<std::string> judges;
  std::vector<cell> cells;
  std::vector<std::vector<std::string>> tag_lists;
  std::vector<side> sides;
  std::size_t without_cluster = 0;  ///< samples that stand alone since they name no cluster

  double score(const side& of, std::size_t row, std::size_t judge) const {
    return of.scores[row * judges.size() + judge];
  }
};

/// Reads the runs and cuts them into sides. Only the judges named, or all if none is. A problem if
/// there are fewer than two sides, or nothing to compare them by.
expected<material> gather(const std::vector<source>&, subject, std::vector<std::string> judges);

/// Samples that agree in `name` form a cluster. The name is `dataset`, `task_type`, `difficulty`, a
/// field of the samples, or the first part of tags like `name:value`; a problem if it is none.
expected<void> set_clusters(material&, const std::vector<source>&, const std::string& name);

}  // namespace assay::compare
