#pragma once

#include <filesystem>

#include "bench/evaluate/experiment.hpp"

namespace assay::bench {

struct peer_figures {
  double cpu_ms = 0;  ///< of the whole process, from the first request to the last answer
  double seconds = 0;
  int answered = 0;
};

/// The peer: cpp-httplib, a thread and a connection for each request in flight. Sends the same
/// requests and decodes the JSON of the answers; judges nothing and stores nothing.
peer_figures run_peer(const std::filesystem::path& experiment_file, const load&);

}  // namespace assay::bench
