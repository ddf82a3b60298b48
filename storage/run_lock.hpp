#pragma once

#include <memory>
#include <string>

#include "storage/ledger.hpp"

namespace assay::storage {

/// `process PID on HOST`: us, for whoever finds what we hold.
std::string own_process();

/// A lock, or who holds it.
struct lock_attempt {
  std::unique_ptr<run_lock> lock;
  std::string holder;  ///< if there is no lock
};

/// Takes the lock file `path` (`flock`) without waiting. The file names the holder's process and
/// host and is removed on release. This process may hold it, too.
expected<lock_attempt> try_lock_file(const std::string& path);

/// The same, where it is a failure that somebody holds `what`.
expected<std::unique_ptr<run_lock>> lock_file(const std::string& path, const std::string& what);

}  // namespace assay::storage
