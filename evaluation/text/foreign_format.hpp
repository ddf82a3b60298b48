#pragma once

#include <string_view>

namespace assay::evaluation {

/// Says what a file is if it is plainly not text in UTF-8: `compressed with gzip`; empty otherwise.
std::string_view foreign_format(std::string_view content);

}  // namespace assay::evaluation
