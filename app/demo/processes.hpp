#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "messages/problem.hpp"

namespace assay::demo {

/// An open file descriptor, closed at the end. The network of a host is held by one.
class descriptor {
 public:
  explicit descriptor(int fd = -1) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept;
  descriptor& operator=(descriptor&& other) noexcept;
  ~descriptor();
  int get() const { return fd_; }

 private:
  int fd_;
};

/// A child process. It ends with us, however we end; in the terminal's foreground group it is not,
/// so Ctrl-C reaches us alone.
class process {
 public:
  /// Runs `argv[0]`, found like a shell does, with its output in the file; in the network that the
  /// descriptor is open on, unless it is negative.
  static expected<process> start(const std::vector<std::string>& argv,
                                 const std::filesystem::path& output, int network = -1);
  process(process&&) noexcept;
  process& operator=(process&&) = delete;
  /// Kills it if it still runs.
  ~process();

  /// Asks it to stop.
  void terminate();
  /// Waits so long for its end; true if it has ended.
  bool wait(std::chrono::milliseconds longest);
  /// As the shell counts: 128 and the signal's number if a signal ended it. REQUIRES: has ended.
  int code() const { return code_; }

 private:
  process(pid_t id, descriptor handle) : id_(id), handle_(std::move(handle)) {}

  pid_t id_;
  descriptor handle_;
  bool ended_ = false;
  int code_ = 0;
};

}  // namespace assay::demo
