#pragma once

#include <string>
#include <string_view>

#include "messages/problem.hpp"

struct gzFile_s;

namespace assay::storage {

/// A compressed file in the making, under a temporary name beside its own: `PATH.part`, which goes
/// if `publish` is never called.
class gzip_writer {
 public:
  explicit gzip_writer(std::string path);
  gzip_writer(const gzip_writer&) = delete;
  gzip_writer& operator=(const gzip_writer&) = delete;
  ~gzip_writer();

  /// Failures are told by `finish`.
  void write(std::string_view);
  /// Writes what is left, down to the disk. The file can then be read under `temporary`.
  expected<void> finish();
  const std::string& temporary() const { return temporary_; }
  /// Gives the finished file its name, in place of what had it.
  expected<void> publish();

 private:
  expected<void> failure(const char* what, int error) const;

  std::string path_, temporary_;
  int descriptor_ = -1;
  gzFile_s* file_ = nullptr;
  int error_ = 0;  ///< the first, of `errno`
};

/// Reads a compressed text line by line.
class gzip_lines {
 public:
  explicit gzip_lines(std::string path);
  gzip_lines(const gzip_lines&) = delete;
  gzip_lines& operator=(const gzip_lines&) = delete;
  ~gzip_lines();

  /// Moves to the next line; false at the end and after a failure, which `result` tells. The last
  /// line may lack its line break.
  bool next();
  /// Valid until `next`.
  std::string_view line() const { return line_; }
  /// `PATH:LINE`
  std::string where() const;
  expected<void> result() const;

 private:
  bool fill();
  void fail_with(std::string what, std::string fix);

  std::string path_;
  gzFile_s* file_ = nullptr;
  std::string buffer_;  ///< what is unpacked; from `begin_` on it is not yet given out
  std::size_t begin_ = 0;
  std::string_view line_;
  std::size_t number_ = 0;
  bool ended_ = false;
  problem failure_;
};

}  // namespace assay::storage
