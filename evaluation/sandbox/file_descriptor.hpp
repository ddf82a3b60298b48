#pragma once

#include <unistd.h>

#include <string_view>
#include <utility>

namespace assay::sandbox {

/// Owns an open file.
class file_descriptor {
 public:
  file_descriptor() = default;
  explicit file_descriptor(int fd) : fd_(fd) {}
  ~file_descriptor() { close(); }
  file_descriptor(file_descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

/// A file in memory with this content, open at its beginning; -1 if there is none to be had.
int memory_file(std::string_view content);

/// Both ends of a pipe; both -1 if there is none to be had.
struct pipe_ends {
  file_descriptor read, write;
};
pipe_ends make_pipe();

}  // namespace assay::sandbox
