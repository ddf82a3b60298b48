// judge: the stored answers of a run judged again by a rule, with reading, judging and writing
// apart. Answers look like GSM8K's: some lines of reasoning, then the number.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <thread>

#include "bench/must.hpp"
#include "evaluation/judge.hpp"
#include "storage/ledger.hpp"

using namespace assay;
using assay::bench::must;

namespace {

struct options {
  std::size_t outcomes = 100'000;
  std::vector<std::string> judges{"gsm8k-flexible", "exact", "numeric"};
};

double wall_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_s() {
  timespec t;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

record answered(std::size_t i) {
  record r;
  const auto text = std::to_string(i);
  r.asked.key = hash_parts({"bench", text});
  r.asked.where = {"sums", "m", "baseline", "", "", "direct_answer"};
  r.asked.item.id = text;
  r.asked.item.input =
      "A shelf holds " + text + " books and gets as many more. How many are there?";
  r.asked.item.targets = {"First count them all.\n#### " + std::to_string(2 * i)};
  r.asked.request.model = "m";
  r.asked.request.messages = {{role::user, r.asked.item.input}};
  r.got.key = r.asked.key;
  r.got.provider = "lab";
  r.got.reply.text =
      "There are " + text + " books. As many more come, so that there are twice as " +
      "many books as before on the shelf.\n#### " + std::to_string(2 * i + i % 4 / 3);
  r.got.attempts.emplace_back();
  r.got.attempts[0].provider = "lab";
  return r;
}

storage::run_info fill(storage::ledger& ledger, std::size_t count, const time_anchor& anchor) {
  constexpr std::size_t at_once = 2'000;
  storage::run_info wanted;
  wanted.experiment = "bench";
  wanted.fingerprint = "bench";
  auto run = must(ledger.open_run(wanted));
  must(ledger.put_tasks(run.id, count, [](std::size_t i) { return answered(i).asked; }));
  for (std::size_t from = 0; from < count; from += at_once) {
    storage::commit_batch batch{run.id, {}, {}};
    for (auto i = from; i < std::min(from + at_once, count); ++i)
      batch.records.push_back(answered(i));
    must(ledger.commit(batch, anchor));
  }
  return run;
}

void line(const char* what, std::size_t n, double wall, double cpu) {
  const auto count = static_cast<double>(n);
  std::printf("  %-22s %8.3f s  %10.0f a second  %10.0f a second and core\n", what, wall,
              count / wall, count / cpu);
}

void judge(storage::ledger& ledger, const storage::run_info& run, const std::string& type,
           const time_anchor& anchor) {
  judge_settings settings;
  settings.name = settings.type = type;
  const auto rule = must(evaluation::make_judge(settings));
  std::printf("%s\n", type.c_str());
  auto wall = wall_s(), cpu = cpu_s();
  std::vector<record> records;
  must(ledger.unjudged(
      run.id, type, [&](const sample& s) { return evaluation::judge_version(settings, s); },
      [&](record r) { records.push_back(std::move(r)); }));
  line("reading", records.size(), wall_s() - wall, cpu_s() - cpu);

  wall = wall_s(), cpu = cpu_s();
  const auto verdicts = evaluation::judge_records(*rule, settings, records);
  line("judging, all cores", records.size(), wall_s() - wall, cpu_s() - cpu);

  wall = wall_s(), cpu = cpu_s();
  must(ledger.commit({run.id, {}, verdicts}, anchor));
  line("writing", records.size(), wall_s() - wall, cpu_s() - cpu);
}

}  // namespace

int main(int argc, char** argv) {
  options wanted;
  CLI::App app{"Stored answers judged again by a rule"};
  app.add_option("--outcomes", wanted.outcomes, "Answers in the ledger")->capture_default_str();
  app.add_option("--judges", wanted.judges, "Rules")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto folder = std::filesystem::temp_directory_path() / "assay-bench-judge";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const time_anchor anchor{std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
  {
    const auto ledger = must(storage::open_ledger((folder / "ledger.db").string()));
    const auto run = fill(*ledger, wanted.outcomes, anchor);
    std::printf("%zu stored outcomes, %u cores\n", wanted.outcomes,
                std::thread::hardware_concurrency());
    for (const auto& type : wanted.judges) judge(*ledger, run, type, anchor);
  }
  std::filesystem::remove_all(folder);
}
