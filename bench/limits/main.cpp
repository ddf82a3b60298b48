// limits: how close to the least possible time a run comes under hidden limiters, and at the price
// of how many 429s; other clients' algorithms beside ours, in virtual time.

#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/limits/actors_course.hpp"
#include "bench/limits/bound.hpp"
#include "bench/limits/course.hpp"
#include "bench/limits/real_time.hpp"
#include "bench/limits/speed.hpp"
#include "bench/limits/suite.hpp"
#include "bench/limits/table.hpp"

using namespace assay;
using namespace assay::bench;

namespace {

struct options {
  bool quick = false;
  bool no_peers = false;
  bool no_actors = false;
  bool http = false;
  outside_server outside;
  std::string only;
  std::string json;
};

/// What is to be measured into one row.
struct cell {
  scenario hidden;
  knowledge told;
  contender client;
  std::string driven_by;  ///< empty: a peer

  course play(const scenario& with_phase, const load& work, std::uint64_t seed) const {
    return driven_by == "actors" ? play_with_actors(with_phase, told, work, seed)
                                 : bench::play(with_phase, told, work, client, seed);
  }
};

/// The server's windows begin at another moment in every seed.
scenario with_phase(scenario s, std::uint64_t seed) {
  for (const auto& limit : s.server.rates)
    if (limit.shape == limit_shape::fixed_window)
      s.habits.phase = limit.window * static_cast<int>(seed * 37 % 100) / 100;
  return s;
}

row measure(const cell& c, std::size_t seeds) {
  row r{c.hidden.name,  c.hidden.shape, std::string(to_string(c.told)), c.client.name, c.driven_by,
        c.hidden.tasks, seeds};
  if (!c.driven_by.empty()) r.wanted = c.hidden.goal_for(c.told);
  const double share = 1.0 / static_cast<double>(seeds);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto hidden = with_phase(c.hidden, seed);
    const auto work = draw_load(hidden, seed);
    const auto bound = lower_bound_s(hidden, work);
    const auto got = c.play(hidden, work, seed);
    const auto ratio = got.makespan_s / bound;
    const auto refused = static_cast<double>(got.refused) / static_cast<double>(hidden.tasks);
    r.bound_s += share * bound;
    r.makespan_s += share * got.makespan_s;
    r.ratio += share * ratio;
    r.rate_429 += share * refused;
    r.ratio_worst = std::max(r.ratio_worst, ratio);
    r.rate_429_worst = std::max(r.rate_429_worst, refused);
    r.finished = r.finished && got.finished;
  }
  return r;
}

std::vector<cell> cells(const options& asked) {
  std::vector<cell> all;
  for (const auto& s : scenarios()) {
    if (s.name.find(asked.only) == std::string::npos && s.shape != asked.only) continue;
    for (const auto k : {knowledge::configured, knowledge::headers, knowledge::blind}) {
      if (s.goal_for(k)) {
        auto alone = account_alone();
        if (!asked.no_actors) {
          all.push_back({s, k, alone, "actors"});
          alone.name = "its limiter alone";
        }
        all.push_back({s, k, std::move(alone), "account"});
      }
      // Peers cannot be told a limit; from headers they take Retry-After.
      if (k != knowledge::configured && !asked.no_peers)
        for (auto& peer : peers()) all.push_back({s, k, std::move(peer), ""});
    }
  }
  return all;
}

std::vector<row> measure_all(const std::vector<cell>& todo, std::size_t seeds) {
  std::vector<row> rows(todo.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (auto i = next++; i < todo.size(); i = next++) rows[i] = measure(todo[i], seeds);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) threads.emplace_back(work);
  work();
  for (auto& t : threads) t.join();
  return rows;
}

void add_options(CLI::App& app, options& asked) {
  app.add_flag("--quick", asked.quick, "one seed instead of five");
  app.add_flag("--no-peers", asked.no_peers, "only assay");
  app.add_flag("--no-actors", asked.no_actors, "only the limiter, without the actors around it");
  app.add_flag("--http", asked.http, "instead: some limiters over real HTTP");
  app.add_option("--url", asked.outside.url, "with --http: also this server, a bucket of ...");
  app.add_option("--url-qps", asked.outside.per_second, "... so many requests a second ...");
  app.add_option("--url-burst", asked.outside.burst, "... and this burst ...");
  app.add_option("--url-latency", asked.outside.latency_s, "... that answers in so many seconds");
  app.add_option("--only", asked.only,
                 "limiters whose name contains this, or of this shape; or `suite`, `speed`");
  app.add_option("--json", asked.json, "also write the figures to this file");
}

/// Where `assay` is built, as seen from this program.
std::string assay_beside(const char* self) {
  return (std::filesystem::absolute(self).parent_path().parent_path() / "assay").string();
}

bool write(const std::string& path, const nlohmann::json& report) {
  std::ofstream file(path);
  file << report.dump(1) << '\n';
  if (file.flush()) return true;
  std::fprintf(stderr, "limits: cannot write %s\n", path.c_str());
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  options asked;
  CLI::App app{"How close to the least possible time runs come under hidden limiters"};
  add_options(app, asked);
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::off);  // what a run says of each hold is no figure
  const auto rows = asked.http ? measure_over_http(assay_beside(argv[0]), asked.outside, asked.only)
                               : measure_all(cells(asked), asked.quick ? 1 : 5);
  print(rows);
  auto report = nlohmann::json{{"rows", nlohmann::json::array()}};
  for (const auto& r : rows) report["rows"].push_back(to_json(r));
  if (!asked.http && (asked.only.empty() || asked.only == "suite")) {
    const auto all = measure_suite();
    print(all);
    report["suite"] = to_json(all);
  }
  if (!asked.http && (asked.only.empty() || asked.only == "speed")) {
    const auto cost = measure_speed();
    print(cost);
    report["speed"] = to_json(cost);
  }
  return asked.json.empty() || write(asked.json, report) ? 0 : 1;
}
