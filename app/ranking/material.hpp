#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/ledger.hpp"

/// Runs, models or prompts side by side: which of their tasks are pairs, and who is ahead.
namespace assay::ranking {

/// What a side is.
enum class subject { run, model, prompt };

/// One task as statistics see it.
struct row {
  std::uint64_t sample = 0;   ///< a number for dataset and sample id
  std::uint64_t cluster = 0;  ///< a number for what the sample varies with; by default itself
  std::uint32_t epoch = 1;
  std::uint32_t cell = 0;  ///< index into `material::cells`
  bool has_outcome = false;
  bool error = false;
};

struct side {
  std::string name;  ///< the model, the prompt or the run's experiment, told apart if need be
  storage::run_id run = 0;
  std::vector<row> rows;       ///< in plan order
  std::vector<double> scores;  ///< a row after the other, a judge after the other; NaN for none
};

/// All that is held against each other. Keeps no text of a sample.
struct material {
  std::vector<std::string> judges;
  std::vector<cell> cells;
  std::vector<side> sides;

  double score(const side& of, std::size_t row, std::size_t judge) const {
    return of.scores[row * judges.size() + judge];
  }
};

/// Cuts score rows, which have the scores of the material's judges in their order, into sides.
class gatherer {
 public:
  gatherer(material& into, subject what) : into_(into), what_(what) {}

  /// The rows that follow are of this run.
  void begin(const storage::run_info&);
  /// Returns the index of the side that the row is of.
  std::size_t add(const storage::score_row&);

 private:
  std::size_t side_of(const cell&);
  std::uint32_t cell_number(const cell&);

  material& into_;
  subject what_;
  storage::run_id run_ = 0;
  std::map<cell, std::uint32_t> cells_;
  std::uint32_t last_cell_ = 0;
};

}  // namespace assay::ranking
