#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evaluation/sandbox/file_descriptor.hpp"
#include "messages/problem.hpp"

namespace assay::evaluation {

/// A folder that is read from, and nothing outside of it: paths are walked name by name from the
/// open folder, `..`, absolute paths and symbolic links are refused, so that no change of the
/// folder while a path is walked leads out of it either. Immutable, may be shared between threads.
class folder {
 public:
  static expected<folder> open(const std::string& path);

  /// A part of a file, and how large the file is.
  struct part {
    std::string bytes;
    std::size_t total = 0;
  };
  /// Problems: the path leads out, through a link, nowhere, or not to a plain file.
  expected<part> read(std::string_view path, std::size_t offset, std::size_t most) const;

  struct entry {
    std::string name;
    enum { file, folder, link } kind = file;
    std::size_t size = 0;  ///< of a file

    bool operator==(const entry&) const = default;
  };
  /// What lies directly in a folder, sorted by name. Devices, sockets and the like are left out.
  expected<std::vector<entry>> list(std::string_view path) const;

 private:
  explicit folder(sandbox::file_descriptor root) : root_(std::move(root)) {}
  expected<sandbox::file_descriptor> walk(std::string_view path, int last_flags) const;

  sandbox::file_descriptor root_;
};

}  // namespace assay::evaluation
