#pragma once

#include <functional>
#include <optional>
#include <string>

#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::config {

/// Looks up an environment variable; tests pass a map.
using environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The process environment.
environment process_environment();

/// Reads an experiment file and all it includes. Relative paths in a file are relative to that
/// file. Returns every problem of all files in one go, each with `file:line:column`, what was
/// found, what was expected and the nearest known key. Missing `${ENV}` variables and keys written
/// into the file are problems too.
checked<settings> load(const std::string& path, const environment& = process_environment());

/// The same for a text that is not in a file (tests, fuzzing). Includes are resolved from `path`.
checked<settings> parse(const std::string& text, const std::string& path, const environment&);

/// The commented starter that `assay init` writes; it loads without a problem.
std::string starter();

/// The content of `questions.jsonl`, the dataset that the starter refers to.
std::string starter_dataset();

}  // namespace assay::config
