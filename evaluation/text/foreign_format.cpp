#include "evaluation/text/foreign_format.hpp"

#include <array>
#include <utility>

namespace assay::evaluation {

namespace {

/// What a file begins with, and what it then is.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> beginnings{{
    {"\x1F\x8B", "compressed with gzip"},
    {"\xFF\xFE", "UTF-16"},
    {"\xFE\xFF", "UTF-16"},
    {"PK\x03\x04", "a zip archive or a spreadsheet"},
    {"PAR1", "Parquet"},
    {"%PDF-", "a PDF"},
}};

}  // namespace

std::string_view foreign_format(std::string_view content) {
  for (const auto& [beginning, what] : beginnings)
    if (content.starts_with(beginning)) return what;
  return {};
}

}  // namespace assay::evaluation
