#pragma once

#include "app/compare/comparison.hpp"
#include "app/report/document.hpp"

namespace assay::compare {

/// The comparison as facts, remarks and tables, for the terminal and Markdown. At most
/// `most_flips` samples a direction, and `most_rows` rows of any other table; what is left out is
/// named in a note.
report::document describe(const comparison&, std::size_t most_flips, std::size_t most_rows);

}  // namespace assay::compare
