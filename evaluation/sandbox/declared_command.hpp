#pragma once

#include <string>
#include <utility>
#include <vector>

#include "evaluation/sandbox/sandbox.hpp"

namespace assay::sandbox {

/// Files of a command, as its words name them, with their contents.
using command_files = std::vector<std::pair<std::string, std::string>>;

/// Those among the words. Problems: one cannot be read.
expected<command_files> read_files(const std::vector<std::string>& words, const std::string& where);

/// A command of an experiment file as the sandbox runs it: the first word is a program of /usr/bin;
/// any other word that is a path of a file outside /usr stands for a copy of it in the work folder.
/// Problems: no such program, a file that is not among `files`, two files of one name.
expected<command> declared_command(const std::vector<std::string>& words,
                                   const command_files& files, const std::string& where);
/// With the files as they are on this machine.
expected<command> declared_command(const std::vector<std::string>& words, const std::string& where);

}  // namespace assay::sandbox
