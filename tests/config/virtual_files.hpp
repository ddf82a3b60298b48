#pragma once

#include <map>
#include <string>

#include "config/files.hpp"

namespace assay::tests {

/// Files that are on no disk.
inline config::file_reader virtual_files(std::map<std::string, std::string> files) {
  return [files = std::move(files)](const std::string& path) -> expected<std::string> {
    auto found = files.find(path);
    if (found == files.end())
      return fail({}, "cannot read \"" + path + "\": No such file or directory");
    return found->second;
  };
}

/// An environment that holds nothing else.
inline config::environment variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

}  // namespace assay::tests
