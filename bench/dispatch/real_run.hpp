#pragma once

#include <string>

#include "bench/dispatch/load.hpp"

namespace assay::bench {

/// What a run in real time came to.
struct measured_run {
  std::size_t answered = 0;
  std::size_t others = 0;  ///< tasks that came to anything but an answer
  double wall_s = 0;
  double cpu_s = 0;       ///< of this process
  double node_cpu_s = 0;  ///< of the nodes' processes
  double lag_p50_ms = 0, lag_p99_ms = 0;
  double peak_mb = 0;  ///< resident, of this process, since it began
};

/// The load with a coordinator here and nodes in processes of their own (`program`, this one),
/// over TLS on loopback; without nodes all is in this process.
measured_run run_in_real_time(const load&, const std::string& program, int nodes);

/// What such a process does until it is killed: joins the coordinator as `name`.
int work_as_node(const std::string& port, const std::string& certificates, const std::string& name,
                 double answer_s);

}  // namespace assay::bench
