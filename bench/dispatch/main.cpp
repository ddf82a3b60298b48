// dispatch: what it costs a coordinator to have a task done at a node. The peer is the same run
// within one process.

#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bench/dispatch/real_run.hpp"
#include "bench/dispatch/wide_run.hpp"

using namespace assay::bench;

namespace {

struct options {
  load what;
  int nodes = 1;
  std::string only = "abc";
  std::string json, as_node, port, certificates;
};

void print(const char* name, const measured_run& m) {
  auto n = static_cast<double>(m.answered + m.others);
  std::printf("%-24s %8zu %7zu %8.0f %10.1f %9.1f %9.2f %9.2f %8.0f\n", name, m.answered, m.others,
              n / m.wall_s, 1e6 * m.cpu_s / n, 1e6 * m.node_cpu_s / n, m.lag_p50_ms, m.lag_p99_ms,
              m.peak_mb);
}

nlohmann::json to_json(const measured_run& m) {
  auto n = static_cast<double>(m.answered + m.others);
  return {{"answered", m.answered},
          {"others", m.others},
          {"tasks_per_s", n / m.wall_s},
          {"cpu_us_per_task", 1e6 * m.cpu_s / n},
          {"node_cpu_us_per_task", 1e6 * m.node_cpu_s / n},
          {"send_lag_p50_ms", m.lag_p50_ms},
          {"send_lag_p99_ms", m.lag_p99_ms},
          {"peak_mb", m.peak_mb}};
}

void print_header(const char* title) {
  std::printf("\n%s\n%-24s %8s %7s %8s %10s %9s %9s %9s %8s\n", title, "", "answered", "others",
              "tasks/s", "cpu us", "node us", "lag p50", "lag p99", "peak MB");
}

nlohmann::json compare(const char* title, const load& l, const std::string& program, int nodes) {
  print_header(title);
  auto near = run_in_real_time(l, program, 0);
  print("one process", near);
  auto far = run_in_real_time(l, program, nodes);
  auto name = std::to_string(nodes) + (nodes == 1 ? " node" : " nodes");
  print(name.c_str(), far);
  std::printf("ratio of CPU %.2f, send lag P99 %+.2f ms\n", far.cpu_s / near.cpu_s,
              far.lag_p99_ms - near.lag_p99_ms);
  return {{"one_process", to_json(near)}, {"nodes", to_json(far)}};
}

nlohmann::json wide() {
  load l;
  l.tasks = 500'000;
  l.answer_s = 1;
  l.per_second = 1'000'000;
  auto c = run_wide(l, 200, 50);
  std::printf("\n200 nodes with 50 places each, virtual time, %zu answers of 1 s\n", c.answered);
  std::printf("makespan %.3f s, least %.3f s, ratio %.4f; %.1f s to compute, %.1f us a task\n",
              c.makespan_s, c.least_s, c.makespan_s / c.least_s, c.wall_s, c.cpu_us_per_task);
  return {{"answered", c.answered},
          {"makespan_s", c.makespan_s},
          {"least_s", c.least_s},
          {"wall_s", c.wall_s}};
}

int run(const options& o, const std::string& program) {
  nlohmann::json all;
  auto wanted = [&](char group) { return o.only.find(group) != o.only.npos; };
  if (wanted('a')) all["full"] = compare("as fast as it goes", o.what, program, o.nodes);
  if (wanted('b')) {
    auto calm = o.what;
    calm.tasks = std::min<std::size_t>(calm.tasks, 20'000);
    calm.per_second = 1'000;
    all["calm"] = compare("1,000 a second", calm, program, o.nodes);
  }
  if (wanted('c')) all["wide"] = wide();
  if (!o.json.empty()) std::ofstream(o.json) << all.dump(2) << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::off);
  CLI::App app{"What it costs a coordinator to have a task done at a node"};
  options o;
  app.add_option("--tasks", o.what.tasks, "Tasks of a run")->capture_default_str();
  app.add_option("--in-flight", o.what.in_flight, "max_parallel of the account")
      ->capture_default_str();
  app.add_option("--answer", o.what.answer_s, "Seconds until an answer")->capture_default_str();
  app.add_option("--bytes", o.what.bytes, "Bytes of a prompt")->capture_default_str();
  app.add_option("--nodes", o.nodes, "Processes that work")->capture_default_str();
  app.add_option("--only", o.only, "a: throughput, b: send lag, c: 200 nodes in virtual time");
  app.add_option("--json", o.json, "Write the figures to this file");
  app.add_option("--as-node", o.as_node)->group("");
  app.add_option("--port", o.port)->group("");
  app.add_option("--certificates", o.certificates)->group("");
  CLI11_PARSE(app, argc, argv);
  if (!o.as_node.empty()) return work_as_node(o.port, o.certificates, o.as_node, o.what.answer_s);
  return run(o, "/proc/self/exe");
}
