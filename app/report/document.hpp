#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "app/report/summary.hpp"

/// The summary as facts, remarks and tables, before anybody decides how they look: the terminal,
/// Markdown and HTML show the same document.
namespace assay::report {

enum class tone : std::uint8_t {
  plain,
  faint,  ///< not to be relied on, e.g. a percentile of too few samples
  good,
  bad,
};

/// A mean and its interval, for a drawing beside the number.
struct interval {
  double low = 0;
  double mean = 0;
  double high = 0;
};

struct table_cell {
  std::string text;
  tone how = tone::plain;
  std::optional<interval> drawn{};
  std::optional<double> number{};  ///< what `text` stands for, for sorting
};

struct column {
  std::string name;
  bool number = false;  ///< aligned to the right
};

struct table {
  std::string title;
  std::vector<column> columns;
  std::vector<std::vector<table_cell>> rows{};
  std::vector<std::string> notes{};
};

struct fact {
  std::string label;
  std::string value;
  tone how = tone::plain;
};

struct document {
  std::string title;
  std::vector<fact> facts;
  std::vector<std::string> remarks;  ///< what a reader must know before trusting the tables
  std::vector<table> tables;
};

/// At most `most_rows` rows a table; what is left out is named in a note.
document describe(const run_summary&, std::size_t most_rows);

}  // namespace assay::report
