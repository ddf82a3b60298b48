#include "app/demo/experiment_file.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "analysis/random_stream.hpp"
#include "app/demo/questions.hpp"
#include "providers/simulated/draws.hpp"

namespace assay::demo {

namespace {

constexpr const char* key = "demo-key";

/// How large each part of a suite is, in samples; 0: the suite does without.
struct sizes {
  std::size_t arithmetic = 0;
  std::size_t comparisons = 0;
  std::size_t places = 0;    ///< also graded by a model
  std::size_t programs = 0;  ///< of the arithmetic, answered by programs
  std::size_t sums = 0;      ///< by agents with a calculator
  std::vector<std::string> prompts{"baseline"};
  bool hostile = false;  ///< providers fail, and keep limits that nobody told us
};

sizes sizes_of(const std::string& suite) {
  if (suite == "comprehensive")
    return {.arithmetic = 100,
            .comparisons = 100,
            .places = 60,
            .programs = 20,
            .sums = 20,
            .prompts = {"baseline", "cot"}};
  if (suite == "stress") return {.arithmetic = 400, .comparisons = 300, .hostile = true};
  return {.arithmetic = 50, .comparisons = 50};
}

/// A model that is simulated.
struct contestant {
  std::string api;
  std::string kind;  ///< its name at the API
  double accuracy = 0;
  std::string name() const { return api + "-" + kind; }
};

constexpr double best = 0.95;
constexpr double worst = 0.5;

/// Accuracies in equal steps from best to worst; who gets which is drawn from the seed.
void deal_accuracies(std::vector<contestant>& all, std::uint64_t seed) {
  analysis::random_stream bits(seed);
  for (auto i = all.size() - 1; i > 0; --i) std::swap(all[i], all[bits() % (i + 1)]);
  const auto steps = static_cast<double>(std::max<std::size_t>(all.size() - 1, 1));
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i].accuracy = best - (best - worst) * static_cast<double>(i) / steps;
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.name() < b.name(); });
}

std::vector<contestant> contestants(const wishes& w, const std::vector<std::string>& kinds,
                                    const char* what) {
  std::vector<contestant> all;
  for (const auto& api : w.apis)
    for (const auto& kind : kinds) all.push_back({api, kind});
  deal_accuracies(all, simulated::hash_bytes(what, w.seed));
  return all;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "\"" : ", \"") + name + "\"";
  return "[" + list + "]";
}

std::string names_of(const std::vector<contestant>& all) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const auto& c : all) names.push_back(c.name());
  return list_of(names);
}

const api& find_api(const std::string& name) {
  return *std::find_if(known_apis().begin(), known_apis().end(),
                       [&](const api& a) { return a.name == name; });
}

/// The text of the file, part by part.
class writer {
 public:
  explicit writer(const wishes& w) : w_(w), has_(sizes_of(w.suite)) {
    answering_ = contestants(w, {"large", "small"}, "answers");
    if (has_.programs > 0) coders_ = contestants(w, {"coder"}, "programs");
    if (has_.sums > 0) agents_ = contestants(w, {"agent"}, "tools");
  }

  std::string text() {
    head();
    for (const auto& name : w_.apis) provider(find_api(name));
    for (const auto& name : w_.apis) mock(find_api(name));
    models();
    datasets();
    judges();
    experiments();
    return std::move(out_);
  }

  const sizes& has() const { return has_; }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> text, Args&&... args) {
    out_ += fmt::format(text, std::forward<Args>(args)...) + "\n";
  }

  void head() {
    std::string apis;
    for (const auto& name : w_.apis) apis += (apis.empty() ? "" : ",") + name;
    add("# Written by `assay demo --suite {} --apis {} --seed {}`.", w_.suite, apis, w_.seed);
    add("# All providers are simulated: what is measured here says nothing about the APIs whose");
    add("# formats they speak.\n#");
    add("#   assay run demo.toml      # in real time, in one process");
    add("#   assay serve demo.toml    # over nodes (assay node) on this machine\n");
    add("ledger = \"ledger.db\"\n");
    add("[nodes]\nlisten = \"127.0.0.1:0\"\ncertificates = \"certs\"");
  }

  void provider(const api& a) {
    add("\n[providers.{}]\npreset = \"{}\"\nbase_url = \"mock:{}\"", a.name, a.preset, a.name);
    add("api_key_file = \"{}\"\nmax_parallel = {}", key_file, a.max_parallel);
    if (has_.hostile) {
      add("retry = {{ max_retries = 20, initial_backoff = \"100ms\", max_backoff = \"2s\" }}");
    } else {
      limits(a);
    }
  }

  /// Several seconds' worth may go at once, as at most APIs.
  void limits(const api& a) { add("rpm = {}\nburst = {}", a.rpm, a.rpm / 15); }

  void mock(const api& a) {
    std::vector<std::string> known{"arithmetic", "comparisons"};
    if (has_.places > 0) known.push_back("places");
    if (has_.sums > 0) known.push_back("sums");
    add("\n[mocks.{}]\nseed = {}\napi_key = \"{}\"\ndatasets = {}", a.name,
        simulated::hash_bytes(a.name, w_.seed) >> 33, key, list_of(known));
    add("max_parallel = {}", a.max_parallel);
    limits(a);
    if (has_.hostile)
      add("faults = {{ http_500 = 0.01, http_429 = 0.01, overloaded = 0.01, close = 0.01, cut = "
          "0.01, error_event = 0.005, no_terminator = 0.005, bad_json = 0.005 }}");
    for (const auto* some : {&answering_, &coders_, &agents_})
      for (const auto& c : *some)
        if (c.api == a.name) simulated_model(a, c);
    if (has_.places > 0 && a.name == w_.apis.front())
      add("[mocks.{}.models.grader]\nplays = \"judge\"\naccuracy = 0.98\nfirst_token_ms = {}",
          a.name, a.first_token_ms);
  }

  /// Latencies differ by up to a half to both sides of what is usual at the API.
  void simulated_model(const api& a, const contestant& c) {
    simulated::draws chance(w_.seed, c.name(), 0);
    auto usual = a.first_token_ms * (c.kind == "large" ? 1.6 : 1);
    auto median = usual * (0.5 + chance.uniform(simulated::purpose::first_token));
    add("[mocks.{}.models.{}]\naccuracy = {:.3f}", a.name, c.kind, c.accuracy);
    if (c.kind == "coder") add("programs = true");
    if (c.kind == "agent") add("plays = \"agent\"");
    add("first_token_ms = {{ median = {:.0f}, p99 = {:.0f} }}\noutput_tokens = {{ median = 20, p99 "
        "= 60 }}\ntokens_per_second = {}",
        median, 4 * median, c.kind == "large" ? 200 : 400);
  }

  void models() {
    for (const auto* some : {&answering_, &coders_, &agents_})
      for (const auto& c : *some) model(c.name(), c.api, c.kind);
    if (has_.places > 0) model("grader", w_.apis.front(), "grader");
  }

  void model(const std::string& name, const std::string& api, const std::string& kind) {
    const bool large = kind == "large";
    add("\n[models.{}]\nprovider = \"{}\"\nmodel_name = \"{}\"\nmax_tokens = 256\ntemperature = 0\n"
        "prices = {{ input = {}, output = {} }}",
        name, api, kind, large ? 2 : 0.2, large ? 8 : 0.8);
  }

  void dataset(const char* name, const char* file, const char* more) {
    add("\n[datasets.{}]\npath = \"{}\"\nfields = {{ id = \"id\", input = \"question\", target = "
        "\"answer\"{} }}",
        name, file, more);
  }

  void datasets() {
    dataset("arithmetic", "arithmetic.jsonl", ", difficulty = \"difficulty\"");
    dataset("comparisons", "comparisons.jsonl", ", choices = \"choices\"");
    if (has_.places > 0) dataset("places", "places.jsonl", "");
    if (has_.sums > 0) dataset("sums", "sums.jsonl", "");
    if (has_.programs == 0) return;
    dataset("puzzles", "arithmetic.jsonl", "");
    add("limit = {}", has_.programs);
    add("\n[prompts.program]\nuser = \"Write a Python program that prints the answer and nothing "
        "else.\\n\\n{{{{input}}}}\"");
  }

  void judges() {
    if (has_.places > 0) add("\n[judges.graded]\ntype = \"model_graded_qa\"\nmodels = \"grader\"");
    if (has_.programs > 0) add("\n[judges.runs]\ntype = \"program\"");
  }

  void experiment(const char* name, const char* dataset, const std::string& models,
                  const std::string& prompts, const char* judges, const char* more = "") {
    add("\n[experiments.{}]\ndatasets = \"{}\"\nmodels = {}\nprompts = {}\njudges = {}{}", name,
        dataset, models, prompts, judges, more);
  }

  void experiments() {
    const auto all = names_of(answering_);
    experiment("arithmetic", "arithmetic", all, list_of(has_.prompts), "\"gsm8k-flexible\"");
    experiment("comparisons", "comparisons", all, "\"multiple-choice\"", "\"choice\"");
    if (has_.places > 0)
      experiment("places", "places", all, "\"baseline\"", "[\"includes\", \"graded\"]");
    if (has_.programs > 0)
      experiment("programs", "puzzles", names_of(coders_), "\"program\"", "\"runs\"",
                 "\nmode = \"program_execution\"");
    if (has_.sums > 0)
      experiment("tools", "sums", names_of(agents_), "\"baseline\"", "\"gsm8k-flexible\"",
                 "\nmode = \"agent\"\nagent = { tools = [\"calculator\"], max_steps = 8 }");
  }

  const wishes& w_;
  sizes has_;
  std::vector<contestant> answering_, coders_, agents_;
  std::string out_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> files_of(const wishes& w) {
  writer made(w);
  const auto& has = made.has();
  std::vector<std::pair<std::string, std::string>> files{
      {experiment_file, made.text()},
      {key_file, std::string(key) + "\n"},
      {"arithmetic.jsonl", arithmetic(has.arithmetic, w.seed)},
      {"comparisons.jsonl", comparisons(has.comparisons, w.seed)}};
  if (has.places > 0) files.emplace_back("places.jsonl", places(has.places, w.seed));
  if (has.sums > 0) files.emplace_back("sums.jsonl", sums(has.sums, w.seed));
  return files;
}

}  // namespace assay::demo
