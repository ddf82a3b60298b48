#include "bench/evaluate/process.hpp"

#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <string>

namespace assay::bench {

namespace {

rusage used() {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  return now;
}

reading read_status() {
  reading now;
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    if (key == "Threads:") status >> now.threads;
    if (key == "VmRSS:") status >> now.resident_mb;
  }
  now.resident_mb /= 1024;
  --now.threads;  // the one that is reading
  return now;
}

}  // namespace

double cpu_ms() {
  auto now = used();
  auto of = [](const timeval& t) { return 1e3 * t.tv_sec + 1e-3 * t.tv_usec; };
  return of(now.ru_utime) + of(now.ru_stime);
}

double peak_mb() { return static_cast<double>(used().ru_maxrss) / 1024; }

watch::watch(const server_counts& counts)
    : thread_([this, &counts] {
        while (!ending_) {
          auto now = read_status();
          now.answered = counts.answered;
          readings_.push_back(now);
          std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
      }) {}

std::vector<reading> watch::readings() {
  ending_ = true;
  thread_.join();
  return std::move(readings_);
}

}  // namespace assay::bench
