#pragma once

#include <string>
#include <vector>

#include "evaluation/sandbox/sandbox.hpp"

namespace assay::sandbox {

/// A command of an experiment file as the sandbox runs it: the first word is a program of /usr/bin;
/// any other word that is a path of a file outside /usr stands for a copy of it in the work folder.
/// Problems: no such program, a file that cannot be read, two files of one name.
expected<command> declared_command(const std::vector<std::string>& words, const std::string& where);

}  // namespace assay::sandbox
