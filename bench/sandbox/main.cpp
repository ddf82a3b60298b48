#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <thread>

#include "tests/evaluation/hostile_host.hpp"

/// How fast the sandbox runs small programs, and whether it contains hostile ones.
namespace {

using namespace assay;
using clock_type = std::chrono::steady_clock;

double cpu_seconds() {
  double total = 0;
  for (auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    getrusage(who, &used);
    for (auto t : {used.ru_utime, used.ru_stime})
      total += static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  }
  return total;
}

/// Runs `each(i)` for all i below `count` on so many threads.
template <class Each>
void in_parallel(unsigned threads, std::size_t count, Each each) {
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> pool;
  for (unsigned t = 0; t < threads; ++t)
    pool.emplace_back([&] {
      for (auto i = next++; i < count; i = next++) each(i);
    });
  for (auto& thread : pool) thread.join();
}

int measure_speed(const sandbox::box& in, unsigned threads, std::size_t count) {
  std::atomic<std::size_t> good{0};
  auto cpu = cpu_seconds();
  auto began = clock_type::now();
  in_parallel(threads, count, [&](std::size_t) {
    auto r = in.run(tests::python("print(1)\n"));
    if (r && r->out == "1\n" && r->good()) ++good;
  });
  auto wall = std::chrono::duration<double>(clock_type::now() - began).count();
  cpu = cpu_seconds() - cpu;
  auto n = static_cast<double>(count);
  std::printf("%zu of %zu print(1) right, %u at a time: %.1f a second\n", good.load(), count,
              threads, n / wall);
  std::printf("processor time %.2f ms each: %.1f a second per core\n", cpu / n * 1e3, n / cpu);
  return good == count ? 0 : 1;
}

std::size_t processes_of_nobody() {
  std::size_t n = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    auto name = entry.path().filename().string();
    struct stat s {};
    if (std::isdigit(name[0]) && ::stat(entry.path().c_str(), &s) == 0 && s.st_uid == 65534) ++n;
  }
  return n;
}

int try_hostile(const sandbox::box& in, unsigned threads, std::size_t count) {
  tests::hostile_host host;
  auto programs = tests::hostile_programs(host.targets(), count);
  auto before = processes_of_nobody();
  std::mutex lock;
  std::map<std::string, std::map<std::string, int>> endings;
  std::size_t escaped = 0, failed = 0;
  auto began = clock_type::now();
  in_parallel(threads, count, [&](std::size_t i) {
    auto r = in.run(tests::python(programs[i].source));
    std::lock_guard guard(lock);
    std::string how = "the sandbox failed";
    if (!r) {
      ++failed;
    } else {
      auto what = host.escaped(*r);
      if (!what.empty()) std::printf("ESCAPED %s: %s\n", programs[i].kind.c_str(), what.c_str());
      escaped += !what.empty();
      how = r->ended_by != sandbox::limit::none ? std::string(to_string(r->ended_by))
            : r->signal                         ? "signal " + std::to_string(r->signal)
                                                : "exit " + std::to_string(r->exit_code);
    }
    ++endings[programs[i].kind][how];
  });
  auto wall = std::chrono::duration<double>(clock_type::now() - began).count();
  for (const auto& [kind, ways] : endings) {
    std::printf("%-40s", kind.c_str());
    for (const auto& [how, n] : ways) std::printf("  %s: %d", how.c_str(), n);
    std::printf("\n");
  }
  auto after = in.run(tests::python("print(1)\n"));
  auto alive = after && after->out == "1\n";
  auto left = ::waitpid(-1, nullptr, WNOHANG) != -1 || processes_of_nobody() > before;
  std::printf(
      "%zu hostile programs in %.1f s: %zu escaped, %zu not run, host %s, processes %s, "
      "the next program %s\n",
      count, wall, escaped, failed, host.untouched() ? "untouched" : "CHANGED",
      left ? "LEFT" : "all gone", alive ? "runs" : "DOES NOT RUN");
  return escaped || failed || left || !alive || !host.untouched() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures the sandbox"};
  std::size_t count = 1000;
  bool hostile = false;
  sandbox_settings s;
  s.wall = std::chrono::milliseconds{0};
  app.add_option("--programs", count, "how many")->capture_default_str();
  app.add_flag("--hostile", hostile, "hostile programs, instead of print(1)");
  app.add_option("--workers", s.workers, "programs at the same time; 0: one per core");
  int wall_ms = 0;
  app.add_option("--wall-ms", wall_ms, "their time; 10000, of hostile ones 500 if not given");
  CLI11_PARSE(app, argc, argv);
  s.wall = std::chrono::milliseconds{wall_ms ? wall_ms : hostile ? 500 : 10'000};
  if (hostile) s.output_kb = 64;
  auto in = sandbox::box::open(s);
  if (!in) {
    std::fprintf(stderr, "%s\n", render(in.error()).c_str());
    return 2;
  }
  auto run = hostile ? try_hostile : measure_speed;
  return run(**in, sandbox::workers(s), count);
}
