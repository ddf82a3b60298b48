// evaluate: the main job from an experiment file to durable, scored results, by the code of
// `assay run`, against a server in a process of its own.
//
//   evaluate [--only a,b,c,d] [--samples N] [--json FILE] [--folder PATH]
//
// a  CPU for each sample, all in; the peer sends and decodes, but neither judges nor stores
// b  memory and threads with 5,000 streams in flight
// c  memory over a long run
// d  time against the lower bound of a configured limit

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bench/evaluate/api.hpp"
#include "bench/evaluate/assay_run.hpp"
#include "bench/evaluate/peer.hpp"
#include "bench/evaluate/process.hpp"

using namespace assay::bench;

namespace {

struct options {
  std::string only = "abcd";
  int samples = 0;  ///< 0: each group's own number
  std::string json;
  std::filesystem::path folder = std::filesystem::temp_directory_path();
};

struct outcome {
  run_figures got;
  int most_in_flight = 0;
};

/// One run in a process of its own; ends the program if it did not bring every answer and score.
outcome measure(const options& o, load work, server_manner manner) {
  scratch_folder folder(o.folder);
  forked_server server(std::move(manner));
  work.port = server.port();
  auto file = write_experiment(folder.path(), work);
  auto got = in_child([&] { return run_assay(file, server.counts()); });
  auto off = got.score - expected_score(work.samples);
  if (got.answered != work.samples || off > 1e-9 || off < -1e-9) {
    std::fprintf(stderr, "%d of %d samples answered, score %.4f: this is no measurement\n",
                 got.answered, work.samples, got.score);
    std::exit(1);
  }
  return {got, server.counts().most_in_flight};
}

peer_figures measure_peer(const options& o, load work, server_manner manner) {
  scratch_folder folder(o.folder);
  forked_server server(std::move(manner));
  work.port = server.port();
  auto file = write_experiment(folder.path(), work);
  return in_child([&] { return run_peer(file, work); });
}

nlohmann::json cpu_per_sample(const options& o) {
  load work;
  if (o.samples > 0) work.samples = o.samples;
  auto rows = nlohmann::json::array();
  std::printf("a  CPU ms a sample: %d samples, %d in flight, 50 ms\n", work.samples,
              work.in_flight);
  std::printf("   %-14s %8s %8s %8s %8s %8s %8s %8s\n", "answers", "all in", "prepare", "session",
              "summary", "peer", "ratio", "wall s");
  for (bool stream : {true, false}) {
    work.stream = stream;
    server_manner manner{.latency_ms = 50, .answer = simulated_api({})};
    auto got = measure(o, work, manner).got;
    auto peer = measure_peer(o, work, manner);
    auto each = [&](double ms) { return ms / work.samples; };
    auto name = stream ? "24 events" : "whole";
    std::printf("   %-14s %8.4f %8.4f %8.4f %8.4f %8.4f %8.2f %8.1f\n", name, each(got.cpu_ms()),
                each(got.prepare_ms), each(got.session_ms), each(got.summary_ms), each(peer.cpu_ms),
                got.cpu_ms() / peer.cpu_ms, got.seconds);
    rows.push_back({{"answers", name},
                    {"samples", work.samples},
                    {"cpu_ms", each(got.cpu_ms())},
                    {"prepare_ms", each(got.prepare_ms)},
                    {"session_ms", each(got.session_ms)},
                    {"summary_ms", each(got.summary_ms)},
                    {"peer_cpu_ms", each(peer.cpu_ms)},
                    {"peer_answered", peer.answered},
                    {"peer_seconds", peer.seconds},
                    {"seconds", got.seconds}});
  }
  return rows;
}

nlohmann::json memory_of_many(const options& o) {
  load work{.samples = o.samples > 0 ? o.samples : 15'000, .in_flight = 5'000};
  auto [got, in_flight] = measure(
      o, work, {.latency_ms = 1'000, .gap_ms = 400, .answer = simulated_api({.words = 10})});
  std::printf("b  memory with many in flight: %d samples, streams of 6 s\n", work.samples);
  std::printf("   %-14s %8s %8s %12s %8s\n", "in flight", "peak MB", "threads", "CPU ms each",
              "wall s");
  std::printf("   %-14d %8.0f %8d %12.4f %8.1f\n", in_flight, got.peak_mb, got.most_threads,
              got.cpu_ms() / work.samples, got.seconds);
  return {{"samples", work.samples},
          {"most_in_flight", in_flight},
          {"peak_mb", got.peak_mb},
          {"threads", got.most_threads},
          {"cpu_ms", got.cpu_ms() / work.samples},
          {"seconds", got.seconds}};
}

nlohmann::json memory_of_long(const options& o) {
  load work{.samples = o.samples > 0 ? o.samples : 100'000, .in_flight = 100};
  auto got = measure(o, work, {.latency_ms = 5, .answer = simulated_api({})}).got;
  std::printf("c  memory over %d samples, MB resident\n", work.samples);
  std::printf("   %-14s %12s %8s %8s %8s %10s %8s\n", "before", "after 10,000", "at end", "growth",
              "peak", "samples/s", "CPU ms");
  std::printf("   %-14.1f %12.1f %8.1f %8.1f %8.1f %10.0f %8.4f\n", got.start_mb, got.early_mb,
              got.late_mb, got.late_mb - got.early_mb, got.peak_mb, work.samples / got.seconds,
              got.cpu_ms() / work.samples);
  return {{"samples", work.samples},
          {"start_mb", got.start_mb},
          {"early_mb", got.early_mb},
          {"late_mb", got.late_mb},
          {"peak_mb", got.peak_mb},
          {"seconds", got.seconds},
          {"cpu_ms", got.cpu_ms() / work.samples}};
}

nlohmann::json makespan(const options& o) {
  load work{
      .samples = o.samples > 0 ? o.samples : 3'000, .in_flight = 200, .qps = 200, .burst = 20};
  auto got =
      measure(o, work,
              {.latency_ms = 50, .answer = simulated_api({.qps = work.qps, .burst = work.burst})})
          .got;
  auto ratio = got.makespan_s / got.bound_s;
  std::printf("d  time under a limit: %d samples, 200 a second, burst 20, 50 ms\n", work.samples);
  std::printf("   %-14s %10s %8s %8s\n", "makespan s", "bound s", "ratio", "429s");
  std::printf("   %-14.3f %10.3f %8.4f %8d\n", got.makespan_s, got.bound_s, ratio,
              got.rate_limited);
  return {{"samples", work.samples},
          {"makespan_s", got.makespan_s},
          {"bound_s", got.bound_s},
          {"ratio", ratio},
          {"rate_limited", got.rate_limited}};
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app("The main job end to end: CPU, memory, time under a limit");
  app.add_option("--only", o.only, "groups to run, e.g. `ac`");
  app.add_option("--samples", o.samples, "in place of each group's own number");
  app.add_option("--json", o.json, "also write the figures to this file");
  app.add_option("--folder", o.folder, "where the scratch folders go");
  CLI11_PARSE(app, argc, argv);

  auto wanted = [&](char group) { return o.only.find(group) != std::string::npos; };
  nlohmann::json figures;
  if (wanted('a')) figures["a"] = cpu_per_sample(o);
  if (wanted('b')) figures["b"] = memory_of_many(o);
  if (wanted('c')) figures["c"] = memory_of_long(o);
  if (wanted('d')) figures["d"] = makespan(o);
  if (!o.json.empty()) std::ofstream(o.json) << figures.dump(2) << '\n';
}
