#pragma once

#include <string>
#include <vector>

#include "messages/node.hpp"
#include "messages/problem.hpp"

namespace assay::actors {

/// Results of a node that no coordinator has taken, in a file that outlives the node. Each entry
/// stands for itself with its length and checksum, so that a torn end costs that entry only.
class spool {
 public:
  /// Keeps nothing.
  spool() = default;
  /// Keeps results in `folder`/`name`.spool; makes the folder. Problems: not writable.
  static expected<spool> open(const std::string& folder, const std::string& name);

  /// What the file holds; entries of another protocol or with a wrong checksum are left out, and
  /// `damaged` says how many bytes they are.
  std::vector<late_result> load(std::size_t& damaged) const;
  /// Replaces what the file holds, at once and as a whole.
  expected<void> save(const std::vector<late_result>&) const;
  expected<void> append(const late_result&) const;

 private:
  std::string path_;
};

}  // namespace assay::actors
