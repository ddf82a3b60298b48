#pragma once

#include <string>

#include "messages/problem.hpp"

namespace assay::app {

/// Appends lines to a file, each with one write(2), so that several writers may share it. Not
/// thread-safe.
class line_file {
 public:
  line_file() = default;
  ~line_file();
  line_file(const line_file&) = delete;
  line_file& operator=(const line_file&) = delete;

  /// Creates the file if it is not there.
  expected<void> open(const std::string& path);
  bool is_open() const { return file_ >= 0; }
  /// A line that cannot be written is lost; the log says so, once. REQUIRES: `is_open()`.
  void add(std::string line);

 private:
  int file_ = -1;
  bool failed_ = false;
};

}  // namespace assay::app
