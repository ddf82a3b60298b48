#include "config/sections.hpp"

namespace assay::config {

namespace {

options<sandbox_settings> make_options() {
  auto value = [](const char* name, auto at, const char* help, rule r) {
    return field<sandbox_settings>(
        name, [at](auto& s) -> auto& { return s.*at; }, help, r);
  };
  using sandbox = sandbox_settings;
  constexpr double day_ms = 24 * 3600e3;
  return {
      value("workers", &sandbox::workers, "programs at the same time; 0: one per core",
            {.min = 0, .max = 1'000}),
      value("wall", &sandbox::wall, "time from a program's start to its end",
            {.min = 100, .max = day_ms}),
      value("cpu", &sandbox::cpu, "processor time of one process, in whole seconds",
            {.min = 1'000, .max = day_ms}),
      value("memory_mb", &sandbox::memory_mb, "memory of one process",
            {.min = 64, .max = 1'000'000}),
      value("disk_mb", &sandbox::disk_mb, "what its work folder holds, in memory",
            {.min = 1, .max = 100'000}),
      value("output_kb", &sandbox::output_kb, "standard output and standard error, each",
            {.min = 1, .max = 100'000}),
      value("open_files", &sandbox::open_files, "open files of one process",
            {.min = 16, .max = 1'024}),
      value("processes", &sandbox::processes, "processes and threads of a program",
            {.min = 4, .max = 1'000}),
  };
}

}  // namespace

const options<sandbox_settings>& sandbox_options() {
  static const auto all = make_options();
  return all;
}

}  // namespace assay::config
