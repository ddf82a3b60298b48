// ledger: how fast tasks are put and records are committed, durably, in batches of several sizes;
// in a file, and on a server if one is named.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bench/must.hpp"
#include "storage/ledger.hpp"

using namespace assay;
using assay::bench::must;

namespace {

task make_task(std::size_t i) {
  task made;
  made.key = hash_parts({"bench", std::to_string(i)});
  made.where = {"sums", "small", "plain", "arithmetic", "easy", "direct_answer"};
  made.item.id = std::to_string(i);
  made.item.input = std::string(200, 'q') + std::to_string(i);
  made.item.targets = {"42"};
  made.request.model = "small-1";
  made.request.messages = {{role::user, made.item.input}};
  made.providers = {"provider"};
  return made;
}

record answer_to(std::size_t i) {
  record made{make_task(i), {}};
  auto& got = made.got;
  got.key = made.asked.key;
  got.provider = "provider";
  got.reply.text = std::string(400, 'a');
  got.reply.why = finish::stop;
  got.reply.usage = {100, {}, {}, 80, {}, {}};
  attempt tried;
  tried.provider = "provider";
  tried.http_status = 200;
  tried.at.admitted = tried.at.sent = instant(milliseconds(1 + i));
  tried.at.done = instant(milliseconds(51 + i));
  got.attempts = {tried};
  return made;
}

double seconds_of(const std::function<void()>& work) {
  auto start = std::chrono::steady_clock::now();
  work();
  return seconds(std::chrono::steady_clock::now() - start);
}

/// Commits records from `first` on, a verdict each, for about `longest`; gives how many.
std::size_t commit_for(storage::ledger& ledger, storage::run_id run, std::size_t first,
                       std::size_t last, std::size_t at_once, std::chrono::seconds longest) {
  auto end = std::chrono::steady_clock::now() + longest;
  auto i = first;
  while (i + at_once <= last && std::chrono::steady_clock::now() < end) {
    storage::commit_batch batch{run, {}, {}};
    for (std::size_t n = 0; n < at_once; ++n, ++i) {
      batch.records.push_back(answer_to(i));
      batch.verdicts.push_back({batch.records.back().got.key, "exact", "v1", true, 1, "42", ""});
    }
    must(ledger.commit(batch, {instant{}, std::chrono::system_clock::now()}));
  }
  return i - first;
}

nlohmann::json measure(const std::string& name, const std::string& where, std::size_t tasks) {
  nlohmann::json figures;
  auto ledger = must(storage::open_ledger(where));
  storage::run_info wanted;
  wanted.experiment = "bench";
  wanted.fingerprint = std::to_string(::getpid());
  auto run = must(ledger->open_run(wanted)).id;
  auto put = seconds_of([&] { must(ledger->put_tasks(run, tasks, make_task)); });
  std::printf("%-8s %-24s %10.2f s\n", name.c_str(), "put tasks", put);
  figures["put_s"] = put;
  std::size_t first = 0;
  for (std::size_t at_once : {1, 10, 100, 1'000}) {
    std::size_t done = 0;
    auto took = seconds_of(
        [&] { done = commit_for(*ledger, run, first, tasks, at_once, std::chrono::seconds(3)); });
    first += done;
    auto commits = static_cast<double>(done / at_once) / took;
    std::printf("%-8s commits of %-13zu %10.0f /s %10.0f records/s\n", name.c_str(), at_once,
                commits, commits * static_cast<double>(at_once));
    figures["commits_per_s"][std::to_string(at_once)] = commits;
  }
  auto read = seconds_of([&] { must(ledger->rows(run, [](const storage::ledger_row&) {})); });
  std::printf("%-8s %-24s %10.2f s\n", name.c_str(), "read all rows", read);
  figures["rows_s"] = read;
  return figures;
}

}  // namespace

int main(int argc, char** argv) {
  std::string server, json;
  std::size_t tasks = 100'000;
  CLI::App app("how fast a ledger takes tasks and records");
  app.add_option("--server", server, "an empty PostgreSQL ledger, postgresql://USER@HOST/DATABASE");
  app.add_option("--tasks", tasks, "tasks of the run")->check(CLI::PositiveNumber);
  app.add_option("--json", json, "also write the figures to this file");
  CLI11_PARSE(app, argc, argv);

  auto folder =
      std::filesystem::temp_directory_path() / ("assay-bench-ledger-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  nlohmann::json figures{{"tasks", tasks}};
  figures["sqlite"] = measure("sqlite", (folder / "ledger.db").string(), tasks);
  if (!server.empty()) figures["server"] = measure("server", server, tasks);
  std::filesystem::remove_all(folder);
  if (!json.empty()) std::ofstream(json) << figures.dump(2) << "\n";
}
