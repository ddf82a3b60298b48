#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace assay::config {

/// Gives the content of a file; the problem has no place yet. Tests pass files that are on no disk.
using file_reader = std::function<expected<std::string>(const std::string& path)>;

/// Reads from the disk, at most `largest_file` bytes and one (so that "too large" is seen).
file_reader disk();

/// `path` as seen from the folder of `file`; `~/` is the home directory.
std::string resolve_path(const std::string& path, const std::string& file, const environment&);

/// Words of a command in `file`: one that begins like a path (`./NAME`, `../`, `~/`) is seen from
/// the folder of the file, and is `./...` or absolute afterwards.
void resolve_words(std::vector<std::string>& words, const std::string& file, const environment&);

/// `config::parse` with files from anywhere.
checked<settings> parse(const std::string& text, const std::string& path, const environment&,
                        const file_reader&);

}  // namespace assay::config
