#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "messages/node.hpp"
#include "messages/problem.hpp"

namespace assay::actors {

/// Results of a node that no coordinator has taken, in a file that outlives the node.
///
/// The file is only ever appended to: a result, or how many of the results in it have been taken,
/// the oldest first. Each entry stands for itself with its length and checksum, so that an end that
/// was torn off costs that entry only. Once all are taken the file is emptied.
///
/// Invariant: behind the last sound entry there is nothing. What could not be written whole is cut
/// off again.
class spool {
 public:
  struct contents {
    std::vector<late_result> results;  ///< that were not taken, oldest first
    /// Bytes of entries with a wrong checksum, or of another protocol; they are left out.
    std::size_t damaged = 0;
  };

  /// Opens `folder`/`name`.spool for this process alone; makes the folder. Problems: not writable,
  /// in use by another process.
  static expected<spool> open(const std::string& folder, const std::string& name);
  spool(spool&&) noexcept;
  spool& operator=(spool&&) noexcept;
  ~spool();

  /// Reads what the file holds. REQUIRES: called once, before the others.
  contents load();
  expected<void> append(const std::vector<late_result>&);
  /// The oldest so many that are left have been taken.
  expected<void> taken(std::size_t count);

 private:
  struct file;
  explicit spool(std::unique_ptr<file>);
  std::unique_ptr<file> file_;
};

}  // namespace assay::actors
