#pragma once

#include <filesystem>

#include "bench/evaluate/experiment.hpp"
#include "bench/transport/server.hpp"

namespace assay::bench {

/// What one `assay run` came to. CPU is of the whole process, in ms.
struct run_figures {
  double prepare_ms = 0;  ///< from the file to the missing tasks, their rows in the ledger included
  double session_ms = 0;  ///< requests, answers, verdicts, rows
  double summary_ms = 0;  ///< scores, limits, latencies from the ledger
  double seconds = 0;     ///< wall time of the session
  double start_mb = 0;    ///< resident before the session
  double early_mb = 0;    ///< resident after 10,000 answers; 0 if there were fewer
  double late_mb = 0;     ///< resident at the last answers
  double peak_mb = 0;
  int most_threads = 0;
  int answered = 0;
  int errors = 0;
  int rate_limited = 0;
  double score = 0;
  double makespan_s = 0;
  double bound_s = 0;
  double cpu_ms() const { return prepare_ms + session_ms + summary_ms; }
};

/// Does what the command does, in this process; ends it with a message if it cannot.
run_figures run_assay(const std::filesystem::path& experiment_file, const server_counts&);

}  // namespace assay::bench
