#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/report/summary.hpp"

namespace assay::report {

/// Gathers score rows and cuts them into groups. Keeps a score as 16 bytes a cell and tag, and no
/// text of a sample.
class score_tables {
 public:
  explicit score_tables(std::vector<judge_setup> judges);
  score_tables(const score_tables&) = delete;
  score_tables& operator=(const score_tables&) = delete;

  void add(const storage::score_row&);

  std::vector<judge_scores> scores() const;

 private:
  /// Rows of one group: how many there should be, and each judge's scores.
  struct bin {
    std::size_t rows = 0;
    std::vector<std::vector<analysis::score_point>> points;  ///< by judge
  };

  void add_to(bin&, std::uint64_t sample, const storage::score_row&);
  score_group score_of(std::size_t judge, std::vector<std::string> names,
                       const std::vector<const bin*>&) const;
  grouping group_cells(std::size_t judge, const char* key, std::vector<std::string> columns,
                       std::vector<std::string> (*names)(const cell&)) const;
  grouping group_tags(std::size_t judge) const;

  std::vector<judge_setup> judges_;
  std::map<cell, bin> cells_;
  std::map<std::string, bin> tags_;
  std::map<cell, bin>::iterator last_cell_ = cells_.end();  ///< rows of a cell are neighbours
};

}  // namespace assay::report
