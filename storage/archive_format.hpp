#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/ledger.hpp"
#include "storage/table_row.hpp"

/// The lines of an archive. The first one says what follows:
///
///     {"assay_archive":1,"schema":9,"run":7,"experiment":"e","fingerprint":"f",
///      "tables":[{"name":"runs","columns":["id",...],"rows":1,"digest":"0123456789abcdef"},...]}
///
/// Each other line is a row: `{"run_tasks":[7,0,1,1,1]}`, table by table in that order. A key is 32
/// hexadecimal digits, an infinity "inf" or "-inf". A text with bytes that JSON cannot hold has the
/// private character U+10FE00 + byte for each of them (`escape_text`).
namespace assay::storage {

/// What an archive says of itself.
struct archive_header {
  std::int64_t schema = 0;
  run_id run = 0;
  std::string experiment;
  std::string fingerprint;
  std::vector<content> contents;  ///< of `tables_of_a_ledger`

  bool operator==(const archive_header&) const = default;
};

/// With a line break, like `row_line`.
std::string header_line(const archive_header&);
expected<archive_header> read_header(std::string_view line, const std::string& where);

/// Appends to `out`.
void row_line(const table_layout&, const table_row&, std::string& out);

/// A row that was read, with its texts.
struct archived_row {
  archived_row() = default;
  archived_row(archived_row&&) = default;
  archived_row& operator=(archived_row&&) = default;

  std::size_t table = 0;  ///< index into `tables_of_a_ledger`
  table_row values;
  std::vector<std::string> texts;
};

expected<archived_row> read_row_line(std::string_view line, const std::string& where);

}  // namespace assay::storage
