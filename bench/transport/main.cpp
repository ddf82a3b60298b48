/// CPU and memory per exchange of the transport, beside cpp-httplib with a thread per connection.
///
///   transport [--url URL] [--json FILE] [--exchanges N] [--connections 50,1000,2000]

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/transport/clients.hpp"
#include "bench/transport/server.hpp"

using namespace assay::bench;

namespace {

struct row {
  std::string load_name;
  std::string client;
  load work;
  figures got;
};

void print_head() {
  std::printf("%-9s %-15s %6s %9s %8s %9s %9s %9s %8s %6s\n", "load", "client", "conns",
              "exchanges", "per s", "CPU ms", "P50 ms", "P99 ms", "peak MB", "errors");
}

void print(const row& r) {
  std::printf("%-9s %-15s %6d %9d %8.0f %9.4f %9.1f %9.1f %8.1f %6d\n", r.load_name.c_str(),
              r.client.c_str(), r.work.connections, r.work.exchanges,
              r.work.exchanges / r.got.seconds, r.got.cpu_ms, r.got.p50_ms, r.got.p99_ms,
              r.got.peak_mb, r.got.errors);
  std::fflush(stdout);
}

nlohmann::json as_json(const row& r) {
  return {{"load", r.load_name},
          {"client", r.client},
          {"connections", r.work.connections},
          {"exchanges", r.work.exchanges},
          {"seconds", r.got.seconds},
          {"cpu_ms_per_exchange", r.got.cpu_ms},
          {"p50_ms", r.got.p50_ms},
          {"p99_ms", r.got.p99_ms},
          {"peak_mb", r.got.peak_mb},
          {"errors", r.got.errors}};
}

}  // namespace

int main(int argc, char** argv) {
  std::string url, json_file;
  int exchanges = 50'000;
  unsigned loops = 0;
  std::vector<int> connections{50, 1000, 2000};
  bool streams = true, peer = true;
  CLI::App app("CPU and memory per exchange of the transport");
  app.add_option("--url", url, "server to ask (default: one forked by this program)");
  app.add_option("--json", json_file, "write the rows to this file");
  app.add_option("--exchanges", exchanges, "per row");
  app.add_option("--connections", connections, "one row each")->delimiter(',');
  app.add_option("--loops", loops, "event loops (default: one per core)");
  app.add_flag("--streams,!--no-streams", streams, "5,000 slow streams at a time, too");
  app.add_flag("--peer,!--no-peer", peer, "cpp-httplib beside it");
  CLI11_PARSE(app, argc, argv);

  std::vector<row> rows;
  auto measure = [&](const char* name, const char* client, auto* run, const load& work) {
    rows.push_back({name, client, work, in_child(run, work)});
    print(rows.back());
  };
  print_head();
  {
    std::unique_ptr<forked_server> own;
    if (url.empty())
      own = std::make_unique<forked_server>(
          server_manner{.answer = [](std::string_view) { return plain_events(1); }});
    auto target = own ? "http://127.0.0.1:" + std::to_string(own->port()) + "/v1" : url;
    for (int n : connections) {
      measure("answers", "http_engine", run_engine, {target, n, exchanges, loops});
      if (peer) measure("answers", "httplib threads", run_httplib, {target, n, exchanges, loops});
    }
  }
  if (streams && url.empty()) {
    forked_server slow({.latency_ms = 300, .gap_ms = 250, .answer = [](std::string_view) {
                          return plain_events(20);
                        }});
    auto target = "http://127.0.0.1:" + std::to_string(slow.port()) + "/v1";
    for (int n : {500, 5000})
      measure("streams", "http_engine", run_engine, {target, n, 2 * n, loops});
  }
  if (!json_file.empty()) {
    auto out = nlohmann::json::array();
    for (const auto& r : rows) out.push_back(as_json(r));
    std::ofstream(json_file) << out.dump(2) << '\n';
  }
}
