#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace assay::tests {

/// A folder of its own that is gone with the test.
struct folder {
  std::filesystem::path path;

  folder() {
    static int count = 0;
    path = std::filesystem::temp_directory_path() /
           ("assay-folder-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(path);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() { std::filesystem::remove_all(path); }

  /// The path of the file that was written.
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
    return (path / name).string();
  }
};

}  // namespace assay::tests
