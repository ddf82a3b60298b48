#pragma once

#include <string>
#include <vector>

#include "app/importing/draft.hpp"
#include "config/load.hpp"
#include "messages/problem.hpp"

/// Files of other tools become experiment files: promptfoo's configurations, sample files of
/// lm-evaluation-harness, and OpenAI-evals' JSONL. What is not understood is noted, never dropped
/// in silence. Pure but for reading the file and those it names.
namespace assay::importing {

/// What is wanted of an import.
struct request {
  std::string path;
  std::vector<std::string> models;  ///< `openai:gpt-4o`, or a model of `with`; the file's if empty
  std::string with;                 ///< an experiment file whose models are meant; may be empty
  config::environment env = config::process_environment();
};

/// True if the name says that the file is another tool's: .yaml, .yml, .json or .jsonl.
bool is_foreign(const std::string& path);

/// Reads a file of any of the tools. Problems: a file that cannot be read, is of no known tool, or
/// names no model where none is asked for.
checked<draft> import_file(const request&);

/// The same for a text that is not in a file; `request.path` names it.
checked<draft> import_text(const std::string& text, const request&);

}  // namespace assay::importing
