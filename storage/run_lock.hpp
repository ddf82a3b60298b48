#pragma once

#include <memory>
#include <string>

#include "storage/ledger.hpp"

namespace assay::storage {

/// `process PID on HOST`: us, for whoever finds what we hold.
std::string own_process();

/// Takes the lock file `path` (`flock`) without waiting. The file names the holder's process and
/// host and is removed on release. Fails with that name if somebody holds it, this process
/// included.
expected<std::unique_ptr<run_lock>> lock_file(const std::string& path, const std::string& what);

}  // namespace assay::storage
