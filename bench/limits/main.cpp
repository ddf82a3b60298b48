// limits: how close to the least possible time a run comes under hidden limiters, and at the price
// of how many 429s; other clients' algorithms beside ours, in virtual time.

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/limits/bound.hpp"
#include "bench/limits/course.hpp"
#include "bench/limits/table.hpp"

using namespace assay;
using namespace assay::bench;

namespace {

struct options {
  bool quick = false;
  bool no_peers = false;
  std::string only;
  std::string json;
};

/// What is to be measured into one row.
struct cell {
  scenario hidden;
  knowledge told;
  contender client;
  bool ours;
};

/// The server's windows begin at another moment in every seed.
scenario with_phase(scenario s, std::uint64_t seed) {
  for (const auto& limit : s.server.rates)
    if (limit.shape == limit_shape::fixed_window)
      s.habits.phase = limit.window * static_cast<int>(seed * 37 % 100) / 100;
  return s;
}

row measure(const cell& c, std::size_t seeds) {
  row r{c.hidden.name, c.hidden.shape,          std::string(to_string(c.told)),
        c.client.name, c.ours ? "account" : "", c.hidden.tasks,
        seeds};
  if (c.ours) r.wanted = c.hidden.goal_for(c.told);
  const double share = 1.0 / static_cast<double>(seeds);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto hidden = with_phase(c.hidden, seed);
    const auto work = draw_load(hidden.tasks, seed);
    const auto bound = lower_bound_s(hidden, work);
    const auto got = play(hidden, c.told, work, c.client, seed);
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
      if (s.goal_for(k)) all.push_back({s, k, account_alone(), true});
      // Peers cannot be told a limit; from headers they take Retry-After.
      if (k != knowledge::configured && !asked.no_peers)
        for (auto& peer : peers()) all.push_back({s, k, std::move(peer), false});
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

}  // namespace

int main(int argc, char** argv) {
  options asked;
  CLI::App app{"How close to the least possible time runs come under hidden limiters"};
  app.add_flag("--quick", asked.quick, "one seed instead of five");
  app.add_flag("--no-peers", asked.no_peers, "only assay");
  app.add_option("--only", asked.only, "limiters whose name contains this, or of this shape");
  app.add_option("--json", asked.json, "also write the figures to this file");
  CLI11_PARSE(app, argc, argv);
  const auto rows = measure_all(cells(asked), asked.quick ? 1 : 5);
  print(rows);
  if (asked.json.empty()) return 0;
  auto report = nlohmann::json{{"rows", nlohmann::json::array()}};
  for (const auto& r : rows) report["rows"].push_back(to_json(r));
  std::ofstream file(asked.json);
  file << report.dump(1) << '\n';
  if (file.flush()) return 0;
  std::fprintf(stderr, "limits: cannot write %s\n", asked.json.c_str());
  return 1;
}
