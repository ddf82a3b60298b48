// resume: from the start of a process to the first missing task, with a ledger that holds N
// outcomes. The peer reads the same ledger the plain way: all rows, every JSON column decoded, a
// set of keys.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bench/must.hpp"
#include "bench/resume/peer.hpp"
#include "evaluation/plan.hpp"
#include "storage/ledger.hpp"

using namespace assay;
using assay::bench::must;

namespace {

struct options {
  std::size_t outcomes = 200'000;
  std::size_t models = 4;
  std::string json;
};

struct step {
  std::string name;
  double wall_ms = 0;
  double cpu_ms = 0;
};

double wall_ms() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

double cpu_ms() {
  timespec t;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

/// Does `work`, notes what it took, and gives its result.
template <class Work>
auto timed(std::vector<step>& steps, const char* name, Work work) {
  auto wall = wall_ms(), cpu = cpu_ms();
  auto result = work();
  steps.push_back({name, wall_ms() - wall, cpu_ms() - cpu});
  return result;
}

std::string words(std::size_t count, std::size_t seed) {
  static constexpr const char* list[] = {"Natalia", "sold", "clips", "to",  "48",   "of", "her",
                                         "friends", "in",   "April", "and", "half", "as", "many"};
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += list[(seed + i * i) % std::size(list)];
    text += i + 1 == count ? "?" : " ";
  }
  return text;
}

/// An experiment the size of GSM8K's rows, with one sample more than has outcomes.
settings make_experiment(const std::filesystem::path& folder, const options& o) {
  settings all;
  auto path = folder / "data.jsonl";
  std::ofstream out(path);
  auto samples = (o.outcomes + o.models - 1) / o.models + 1;
  for (std::size_t i = 0; i < samples; ++i)
    out << "{\"id\":\"s" << i << "\",\"question\":\"" << words(45, i) << "\",\"answer\":\""
        << words(55, i + 7) << "\"}\n";
  dataset_settings data;
  data.name = "data";
  data.path = path.string();
  data.fields.id = "id";
  data.fields.input = "question";
  data.fields.target = "answer";
  all.datasets.push_back(data);
  prompt_settings prompt;
  prompt.name = "plain";
  prompt.system = "You solve problems of arithmetic.";
  prompt.user = "{{input}}\nThink, then give the number.";
  all.prompts.push_back(prompt);
  experiment_settings experiment;
  experiment.name = "resume";
  experiment.datasets = {"data"};
  experiment.prompts = {"plain"};
  experiment.judges = {"exact"};
  for (std::size_t i = 0; i < o.models; ++i) {
    model_settings model;
    model.name = model.model_name = "model-" + std::to_string(i);
    model.providers = {"provider"};
    all.models.push_back(model);
    experiment.models.push_back(model.name);
  }
  all.experiments.push_back(experiment);
  return all;
}

record answer_to(task asked, std::size_t i) {
  record made{std::move(asked), {}};
  auto& got = made.got;
  got.key = made.asked.key;
  got.provider = "provider";
  got.reply.text = words(60, i);
  got.reply.why = finish::stop;
  got.reply.finish_reason = "stop";
  got.reply.response_id = "chatcmpl-" + std::to_string(i);
  got.reply.usage = {100, {}, {}, 80, {}, {}};
  attempt tried;
  tried.provider = "provider";
  tried.http_status = 200;
  tried.usage = got.reply.usage;
  tried.at.admitted = tried.at.sent = instant(milliseconds(1 + i));
  tried.at.done = instant(milliseconds(51 + i));
  got.attempts = {tried};
  return made;
}

storage::run_info run_of(const evaluation::plan& plan) {
  storage::run_info wanted;
  wanted.experiment = "resume";
  wanted.fingerprint = plan.fingerprint();
  return wanted;
}

evaluation::plan make_plan(const settings& all) {
  return must(evaluation::plan::make(all, all.experiments[0]));
}

/// A ledger in which the first `outcomes` tasks of the plan are answered and judged.
void fill(const std::string& file, const settings& all, const options& o) {
  auto plan = make_plan(all);
  auto ledger = must(storage::open_ledger(file));
  auto run = must(ledger->open_run(run_of(plan))).id;
  must(ledger->put_tasks(run, plan.size(), [&](std::size_t i) { return plan.make_task(i); }));
  time_anchor anchor{instant{}, std::chrono::system_clock::now()};
  storage::commit_batch batch{run, {}, {}};
  for (std::size_t i = 0; i < o.outcomes; ++i) {
    batch.records.push_back(answer_to(plan.make_task(i), i));
    batch.verdicts.push_back({plan.key(i), "exact", "v1", true, double(i % 2), "48", ""});
    if (batch.records.size() < 4096 && i + 1 < o.outcomes) continue;
    must(ledger->commit(batch, anchor));
    batch.records.clear();
    batch.verdicts.clear();
  }
}

std::vector<step> resume(const std::string& file, const settings& all) {
  std::vector<step> steps;
  auto plan = timed(steps, "plan", [&] { return make_plan(all); });
  auto ledger = timed(steps, "open ledger", [&] { return must(storage::open_ledger(file)); });
  auto run = timed(steps, "open run", [&] {
    auto opened = must(ledger->open_run(run_of(plan))).id;
    must(ledger->put_tasks(opened, plan.size(), [&](std::size_t i) { return plan.make_task(i); }));
    return opened;
  });
  auto missing = timed(steps, "missing", [&] { return must(ledger->missing(run)); });
  if (missing.empty()) std::exit(1);
  timed(steps, "first task", [&] { return plan.make_task(missing.front()); });
  return steps;
}

std::vector<step> resume_plainly(const std::string& file, const settings& all) {
  std::vector<step> steps;
  auto plan = timed(steps, "plan", [&] { return make_plan(all); });
  auto done = timed(steps, "all rows", [&] { return bench::answered_keys(file); });
  timed(steps, "first task", [&] {
    for (std::size_t i = 0; i < plan.size(); ++i)
      if (!done.contains(to_string(plan.key(i)))) return plan.make_task(i);
    std::exit(1);
  });
  return steps;
}

step total(const std::vector<step>& steps) {
  step sum{"total", 0, 0};
  for (const auto& s : steps) {
    sum.wall_ms += s.wall_ms;
    sum.cpu_ms += s.cpu_ms;
  }
  return sum;
}

nlohmann::json print(const char* name, std::vector<step> steps) {
  steps.push_back(total(steps));
  nlohmann::json out;
  for (const auto& s : steps) {
    std::printf("%-8s %-12s %10.1f %10.1f\n", name, s.name.c_str(), s.wall_ms, s.cpu_ms);
    out[s.name] = {{"wall_ms", s.wall_ms}, {"cpu_ms", s.cpu_ms}};
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app("time from start to the first missing task, on a ledger with many outcomes");
  app.add_option("--outcomes", o.outcomes, "outcomes in the ledger")->check(CLI::PositiveNumber);
  app.add_option("--models", o.models, "models that share the samples")->check(CLI::PositiveNumber);
  app.add_option("--json", o.json, "also write the figures to this file");
  CLI11_PARSE(app, argc, argv);

  auto folder =
      std::filesystem::temp_directory_path() / ("assay-bench-resume-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  auto file = (folder / "ledger.db").string();
  auto all = make_experiment(folder, o);
  fill(file, all, o);

  std::printf("%zu outcomes, %zu models, ledger of %ju MB\n", o.outcomes, o.models,
              static_cast<std::uintmax_t>(std::filesystem::file_size(file) / 1'000'000));
  std::printf("%-8s %-12s %10s %10s\n", "who", "step", "wall ms", "cpu ms");
  nlohmann::json figures{{"outcomes", o.outcomes}, {"models", o.models}};
  figures["assay"] = print("assay", resume(file, all));
  figures["plain"] = print("plain", resume_plainly(file, all));
  std::filesystem::remove_all(folder);
  if (!o.json.empty()) std::ofstream(o.json) << figures.dump(2) << "\n";
}
