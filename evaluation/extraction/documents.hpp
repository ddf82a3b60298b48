#pragma once

#include <string>
#include <vector>

#include "messages/problem.hpp"

namespace assay::evaluation {

/// A text that values are looked for in: well-formed UTF-8 that is not blank.
struct document {
  std::string name;  ///< its path below the folder
  std::string text;

  bool operator==(const document&) const = default;
};

/// What a folder holds.
struct document_set {
  std::vector<document> documents;  ///< by name
  std::vector<problem> left_out;    ///< files that are not used, each with the reason
};

/// The largest file that is read as a document.
inline constexpr std::size_t largest_document = 16 << 20;

/// Reads every file of a folder and of those below it, or one file. What is not text in UTF-8, is
/// blank, too large or cannot be read is left out and named; what begins with a dot is hidden and
/// not looked at. A problem if there is no such path or no document in it.
expected<document_set> read_documents(const std::string& path);

}  // namespace assay::evaluation
