#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/demo/processes.hpp"

namespace assay::demo {

/// Hosts on one machine: networks of their own, each with one line to a switch at our own host.
/// They have no names in the system and belong to this process: with its end, however it ends,
/// they are gone.
class hosts {
 public:
  /// Moves this thread, and those that it starts from now on, to a network without any way out, and
  /// makes `count` more beside it. What `ip` says goes to `log`. Problems: needs root; `ip` is
  /// missing or fails.
  static expected<hosts> make(std::size_t count, const std::filesystem::path& log);

  /// Ours, as the others reach it.
  static std::string our_address() { return "10.99.0.1"; }
  /// What `process::start` takes.
  int network(std::size_t host) const { return networks_[host].get(); }

 private:
  std::vector<descriptor> networks_;
};

}  // namespace assay::demo
