#pragma once

#include <cstdint>
#include <string>

namespace assay::bench {

/// What a client has to do: `exchanges` in all, `connections` at a time, against `url`.
struct load {
  std::string url;
  int connections = 50;
  int exchanges = 10'000;
  unsigned loops = 0;  ///< of the engine; 0: one per core
};

/// What it came to.
struct figures {
  double seconds = 0;
  double cpu_ms = 0;  ///< user + system of the whole process, per exchange
  double p50_ms = 0;  ///< latency: started -> done
  double p99_ms = 0;
  double peak_mb = 0;
  int errors = 0;
};

/// The engine under test.
figures run_engine(const load&);

/// The peer: cpp-httplib, one thread and one kept-alive connection each.
figures run_httplib(const load&);

/// Runs `client` in a child process, so that memory and CPU are its own.
figures in_child(figures (*client)(const load&), const load&);

}  // namespace assay::bench
