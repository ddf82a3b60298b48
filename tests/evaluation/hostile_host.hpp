#pragma once

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "evaluation/sandbox/sandbox.hpp"
#include "tests/evaluation/hostile_programs.hpp"

namespace assay::tests {

/// What hostile programs are let loose on: a secret in our environment, a file that stands for the
/// ledger and is held open, a folder, and a listening port. All go with the object.
class hostile_host {
 public:
  static constexpr auto secret = "canary-5f3b";

  hostile_host() {
    std::string pattern = (std::filesystem::temp_directory_path() / "host-XXXXXX").string();
    targets_.folder = ::mkdtemp(pattern.data());
    targets_.file = targets_.folder + "/ledger.db";
    std::ofstream(targets_.file) << secret;
    std::filesystem::permissions(targets_.folder, std::filesystem::perms::all);
    std::filesystem::permissions(targets_.file, std::filesystem::perms::all);
    held_ = ::fopen(targets_.file.c_str(), "r+");
    ::setenv("ASSAY_TEST_KEY", secret, 1);
    targets_.process = ::getpid();
    listen();
  }
  ~hostile_host() {
    ::fclose(held_);
    ::close(socket_);
    ::unsetenv("ASSAY_TEST_KEY");
    std::filesystem::remove_all(targets_.folder);
  }
  hostile_host(const hostile_host&) = delete;
  hostile_host& operator=(const hostile_host&) = delete;

  const hostile_targets& targets() const { return targets_; }

  /// What a program got hold of; empty if it was contained.
  std::string escaped(const sandbox::result& r) const {
    for (const auto* text : {&r.out, &r.err})
      if (text->find("ESCAPED") != std::string::npos || text->find(secret) != std::string::npos)
        return text->substr(0, 500);
    return {};
  }

  /// The file and its folder are as they were.
  bool untouched() const {
    std::stringstream content;
    content << std::ifstream(targets_.file).rdbuf();
    auto entries = std::filesystem::directory_iterator(targets_.folder);
    return content.str() == secret && std::distance(begin(entries), end(entries)) == 1;
  }

 private:
  void listen() {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    ::bind(socket_, reinterpret_cast<sockaddr*>(&at), size);
    ::listen(socket_, 16);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    targets_.port = ntohs(at.sin_port);
  }

  hostile_targets targets_;
  std::FILE* held_ = nullptr;
  int socket_ = -1;
};

/// `print(1)` and its like.
inline sandbox::command python(std::string source) {
  return {{"/usr/bin/python3", "-I", "-S", "program.py"}, {}, {{"program.py", std::move(source)}}};
}

}  // namespace assay::tests
