#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/node.hpp"
#include "messages/problem.hpp"

namespace assay::config {

/// Collects the problems of all files of one load, in any order.
class report {
 public:
  /// Registers a file; problems are given in the order of registration, then of lines.
  std::uint32_t add_file(std::string path);
  const std::string& path(std::uint32_t file) const { return files_[file]; }

  void add(place at, std::string what, std::string fix = {});
  bool empty() const { return found_.empty(); }
  std::size_t count() const { return found_.size(); }

  /// `file:line:column`.
  std::string where(place) const;

  /// Everything that was added, by file, line and column, without repetitions.
  std::vector<problem> sorted() const;

 private:
  std::vector<std::string> files_;
  std::vector<std::pair<place, problem>> found_;
};

}  // namespace assay::config
