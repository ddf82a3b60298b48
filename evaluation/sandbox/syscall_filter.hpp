#pragma once

#include <string>

#include "messages/problem.hpp"

namespace assay::sandbox {

/// A seccomp filter, as bubblewrap takes it: refuses what a program has no use for and an attack
/// has (mounts, tracing, new namespaces, kernel keys, modules, BPF, io_uring), and memory that no
/// limit counts (System V segments, memfd).
expected<std::string> syscall_filter();

}  // namespace assay::sandbox
