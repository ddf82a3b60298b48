#pragma once

#include <string>
#include <utility>
#include <vector>

namespace assay {

/// One item of a dataset. `fields` holds every scalar field of the original row as text, for
/// templates and exports; structured values are kept as JSON text.
struct sample {
  std::string id;
  std::string input;
  std::vector<std::string> targets;  ///< acceptable answers, best first; empty if none is known
  std::vector<std::string> choices;  ///< option texts in order A, B, C ... without their letters
  std::string task_type;
  std::string difficulty;
  std::vector<std::string> tags;
  std::vector<std::pair<std::string, std::string>> fields;

  bool operator==(const sample&) const = default;
};

}  // namespace assay
