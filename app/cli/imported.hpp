#pragma once

#include <string>

#include "app/importing/importing.hpp"

namespace assay::cli {

/// The two files of an import: the experiment, and its samples beside it.
struct imported_files {
  std::string experiment;
  std::string samples;
};

/// `FOLDER/STEM.toml` and `FOLDER/STEM.samples.jsonl` for the wanted experiment file.
imported_files files_of(const std::string& experiment);

/// Writes both. Without `replace` an existing file is a problem, and nothing is written.
expected<void> write_imported(const importing::draft&, const imported_files&, bool replace);

/// What was not understood, on stderr.
void print_notes(const importing::draft&);

/// Imports another tool's file into the folder `imported` beside the ledger, prints what was not
/// understood, and gives the path of the experiment file. The same file gives the same path.
checked<importing::draft> import_for_run(const importing::request&, const std::string& ledger,
                                         std::string& experiment_file);

}  // namespace assay::cli
