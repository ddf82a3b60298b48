#include "evaluation/plan.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

using namespace assay;
using evaluation::plan;

namespace {

namespace fs = std::filesystem;

model_settings model(std::string name, std::string wire, std::vector<std::string> providers) {
  model_settings made;
  made.name = std::move(name);
  made.model_name = std::move(wire);
  made.providers = std::move(providers);
  return made;
}

/// A dataset, two models and two prompts in a folder of their own.
struct matrix {
  fs::path folder;
  settings all;
  experiment_settings experiment;

  matrix() {
    static int count = 0;
    folder = fs::temp_directory_path() /
             ("assay-plan-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    fs::create_directories(folder);
    add_dataset("sums", R"({"id":"a","question":"1+1?","answer":"2","level":"easy"}
{"id":"b","question":"2+2?","answer":"4","level":"easy"}
{"id":"c","question":"12*12?","answer":"144","level":"hard"}
)");
    all.models = {model("small", "small-1", {"left"}),
                  model("large", "large-1", {"left", "right"})};
    all.prompts.resize(2);
    all.prompts[0].name = "plain";
    all.prompts[0].user = "{{input}}";
    all.prompts[1].name = "steps";
    all.prompts[1].system = "Think.";
    all.prompts[1].user = "{{input}} Step by step.";
    experiment.name = "arithmetic";
    experiment.declared_at = "file.toml:1:1";
    experiment.datasets = {"sums"};
    experiment.models = {"small", "large"};
    experiment.prompts = {"plain", "steps"};
    experiment.judges = {"exact"};
  }
  ~matrix() { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& rows) {
    std::ofstream(folder / (name + ".jsonl")) << rows;
  }

  void add_dataset(const std::string& name, const std::string& rows) {
    write(name, rows);
    dataset_settings made;
    made.name = name;
    made.path = (folder / (name + ".jsonl")).string();
    made.declared_at = "file.toml:9:1";
    made.fields = {.id = "id",
                   .input = "question",
                   .target = "answer",
                   .choices = "",
                   .task_type = "",
                   .difficulty = "level",
                   .tags = {}};
    all.datasets.push_back(made);
  }

  plan make() const {
    auto made = plan::make(all, experiment);
    if (!made)
      for (const auto& p : made.error()) MESSAGE(render(p));
    REQUIRE(made.has_value());
    return *made;
  }

  std::vector<problem> problems() const {
    auto made = plan::make(all, experiment);
    REQUIRE_FALSE(made.has_value());
    return made.error();
  }
};

std::set<task_key> keys_of(const plan& p) {
  std::set<task_key> keys;
  for (std::size_t i = 0; i < p.size(); ++i) keys.insert(p.key(i));
  return keys;
}

std::size_t count_new(const plan& before, const plan& after) {
  auto known = keys_of(before);
  std::size_t fresh = 0;
  for (std::size_t i = 0; i < after.size(); ++i) fresh += !known.contains(after.key(i));
  return fresh;
}

}  // namespace

TEST_CASE("a plan has a task for each sample, model, prompt and epoch, in this order") {
  matrix m;
  m.experiment.epochs = 2;
  auto p = m.make();
  REQUIRE(p.size() == 3 * 2 * 2 * 2);
  CHECK(keys_of(p).size() == p.size());

  struct expected_task {
    std::size_t at;
    const char *sample, *model, *prompt;
    std::uint32_t epoch;
  };
  for (auto e : {expected_task{0, "a", "small", "plain", 1},
                 {1, "a", "small", "plain", 2},
                 {2, "a", "small", "steps", 1},
                 {4, "a", "large", "plain", 1},
                 {8, "b", "small", "plain", 1},
                 {23, "c", "large", "steps", 2}}) {
    auto task = p.make_task(e.at);
    CHECK(task.item.id == e.sample);
    CHECK(task.where.model == e.model);
    CHECK(task.where.prompt == e.prompt);
    CHECK(task.epoch == e.epoch);
    CHECK(task.key == p.key(e.at));
    CHECK(task.where == p.cell_of(e.at));
    CHECK(task.providers == p.providers_of(e.at));
    CHECK(p.model_of(e.at).name == e.model);
  }
}

TEST_CASE("a task holds everything that a provider and a judge need") {
  matrix m;
  m.all.models[1].max_tokens = 64;
  m.all.models[1].temperature = 0.25;
  m.all.models[1].top_p = 0.5;
  m.all.models[1].seed = 7;
  m.all.models[1].stop = {"END"};
  m.all.models[1].reasoning = true;
  m.all.models[1].stream = false;
  m.all.models[1].extra_json = R"({"a":1})";
  auto task = m.make().make_task(3);
  chat_request asked{.model = "large-1",
                     .messages = {{role::system, "Think."}, {role::user, "1+1? Step by step."}},
                     .max_tokens = 64,
                     .temperature = 0.25,
                     .top_p = 0.5,
                     .seed = 7,
                     .stop = {"END"},
                     .reasoning = true,
                     .extra_json = R"({"a":1})",
                     .stream = false};
  CHECK(task.request == asked);
  CHECK(task.item.targets == std::vector<std::string>{"2"});
  CHECK(task.providers == std::vector<std::string>{"left", "right"});
  CHECK(task.where == cell{"sums", "large", "steps", "", "easy", "direct_answer"});
}

TEST_CASE("the input is estimated at a token for four characters of all messages, at least one") {
  matrix m;
  m.all.prompts[0].user = "123456789";
  m.all.prompts[1].system = "12345678";
  m.all.prompts[1].user = "12345678";
  auto p = m.make();
  CHECK(p.make_task(0).input_tokens == 2);
  CHECK(p.make_task(1).input_tokens == 4);
  m.all.prompts[0].user = "1";
  CHECK(m.make().make_task(0).input_tokens == 1);
}

TEST_CASE("planning the same experiment again gives the same keys and the same fingerprint") {
  matrix m;
  auto one = m.make(), two = m.make();
  CHECK(keys_of(one) == keys_of(two));
  CHECK(one.fingerprint() == two.fingerprint());
}

TEST_CASE("what does not determine the answer is not in the keys") {
  matrix m;
  auto before = keys_of(m.make());
  struct change {
    const char* what;
    std::function<void(matrix&)> make;
  };
  const change changes[] = {
      {"provider", [](matrix& x) { x.all.models[0].providers = {"elsewhere"}; }},
      {"prices", [](matrix& x) { x.all.models[0].prices.output = 3; }},
      {"streaming", [](matrix& x) { x.all.models[0].stream = false; }},
      {"target",
       [](matrix& x) {
         x.write("sums", R"({"id":"a","question":"1+1?","answer":"two","level":"easy"}
{"id":"b","question":"2+2?","answer":"4","level":"easy"}
{"id":"c","question":"12*12?","answer":"144","level":"hard"}
)");
       }},
      {"declared name of the model",
       [](matrix& x) { x.all.models[0].name = x.experiment.models[0] = "tiny"; }},
      {"declared name of the prompt",
       [](matrix& x) { x.all.prompts[0].name = x.experiment.prompts[0] = "bare"; }},
      {"judges", [](matrix& x) { x.experiment.judges = {"numeric"}; }},
      {"concurrency", [](matrix& x) { x.experiment.concurrency = 1; }},
      {"name of the experiment", [](matrix& x) { x.experiment.name = "other"; }},
  };
  for (const auto& c : changes) {
    INFO(c.what);
    matrix changed;
    c.make(changed);
    CHECK(keys_of(changed.make()) == before);
  }
}

TEST_CASE("what determines the answer is in the keys") {
  matrix m;
  auto before = m.make();
  struct change {
    const char* what;
    std::size_t fresh;
    std::function<void(matrix&)> make;
  };
  const change changes[] = {
      {"model_name", 6, [](matrix& x) { x.all.models[0].model_name = "small-2"; }},
      {"max_tokens", 6, [](matrix& x) { x.all.models[0].max_tokens = 5; }},
      {"temperature", 6, [](matrix& x) { x.all.models[0].temperature = 0; }},
      {"top_p", 6, [](matrix& x) { x.all.models[0].top_p = 0.5; }},
      {"seed", 6, [](matrix& x) { x.all.models[0].seed = 0; }},
      {"stop", 6, [](matrix& x) { x.all.models[0].stop = {""}; }},
      {"reasoning", 6, [](matrix& x) { x.all.models[0].reasoning = false; }},
      {"extra", 6, [](matrix& x) { x.all.models[0].extra_json = "{}"; }},
      {"prompt", 6, [](matrix& x) { x.all.prompts[0].user = "Q: {{input}}"; }},
      {"role", 6,
       [](matrix& x) {
         x.all.prompts[1].system.reset();
         x.all.prompts[1].few_shot = {{"Think.", ""}};
       }},
      {"mode", 12, [](matrix& x) { x.experiment.mode = "program"; }},
      {"input", 4,
       [](matrix& x) {
         x.write("sums", R"({"id":"a","question":"1+2?","answer":"2","level":"easy"}
{"id":"b","question":"2+2?","answer":"4","level":"easy"}
{"id":"c","question":"12*12?","answer":"144","level":"hard"}
)");
       }},
      {"id", 4,
       [](matrix& x) {
         x.write("sums", R"({"id":"z","question":"1+1?","answer":"2","level":"easy"}
{"id":"b","question":"2+2?","answer":"4","level":"easy"}
{"id":"c","question":"12*12?","answer":"144","level":"hard"}
)");
       }},
      {"choices", 12,
       [](matrix& x) {
         x.all.datasets[0].fields.choices = "options";
         x.write("sums",
                 R"({"id":"a","question":"1+1?","answer":"A","level":"easy","options":["2","3"]}
{"id":"b","question":"2+2?","answer":"A","level":"easy","options":["4","3"]}
{"id":"c","question":"12*12?","answer":"A","level":"hard","options":["144","3"]}
)");
       }},
  };
  for (const auto& c : changes) {
    INFO(c.what);
    matrix changed;
    c.make(changed);
    CHECK(count_new(before, changed.make()) == c.fresh);
  }
}

TEST_CASE("a model, prompt, epoch or instance more adds exactly the difference") {
  matrix one;
  one.experiment.models = {"small"};
  one.experiment.prompts = {"plain"};
  one.experiment.instances = 1;
  auto before = one.make();
  CHECK(before.size() == 2);

  auto more = [&](auto change) {
    auto experiment = one.experiment;
    change(experiment);
    auto made = plan::make(one.all, experiment);
    REQUIRE(made.has_value());
    CHECK(made->size() - before.size() == count_new(before, *made));
    return count_new(before, *made);
  };
  CHECK(more([](auto& e) { e.models.push_back("large"); }) == 2);
  CHECK(more([](auto& e) { e.models.insert(e.models.begin(), "large"); }) == 2);
  CHECK(more([](auto& e) { e.prompts.push_back("steps"); }) == 2);
  CHECK(more([](auto& e) { e.epochs = 3; }) == 4);
  CHECK(more([](auto& e) { e.instances = 2; }) == 1);
}

TEST_CASE("instances keeps the first samples of each cell and names the cells that have too few") {
  matrix m;
  m.experiment.instances = 2;
  m.write("sums", R"({"id":"a","question":"1+1?","answer":"2","level":"easy"}
{"id":"b","question":"2+2?","answer":"4","level":"easy"}
{"id":"c","question":"12*12?","answer":"144","level":"hard"}
{"id":"d","question":"3+3?","answer":"6","level":"easy"}
)");
  auto p = m.make();
  CHECK(p.size() == 3 * 4);
  CHECK(p.make_task(8).item.id == "c");
  CHECK(p.shortfalls() ==
        std::vector<std::string>{"dataset sums, difficulty hard: 1 samples of the 2 that "
                                 "`instances` asks for"});
  m.experiment.instances.reset();
  CHECK(m.make().shortfalls().empty());
}

TEST_CASE("instances counts for each dataset by itself") {
  matrix m;
  m.add_dataset("more", R"({"id":"a","question":"5+5?","answer":"10","level":"easy"})");
  m.experiment.datasets = {"sums", "more"};
  m.experiment.instances = 1;
  CHECK(m.make().size() == 3 * 4);
}

TEST_CASE("cells are sorted, without repetition, and each has a task") {
  matrix m;
  auto p = m.make();
  auto cells = p.cells();
  CHECK(cells.size() == 2 * 2 * 2);
  CHECK(cells.front() == cell{"sums", "large", "plain", "", "easy", "direct_answer"});
  CHECK(cells.back() == cell{"sums", "small", "steps", "", "hard", "direct_answer"});
  std::set<cell> used;
  for (std::size_t i = 0; i < p.size(); ++i) used.insert(p.cell_of(i));
  CHECK(used == std::set<cell>(cells.begin(), cells.end()));
}

TEST_CASE("equal rows of two datasets are two tasks") {
  matrix m;
  m.add_dataset("copy", R"({"id":"a","question":"1+1?","answer":"2","level":"easy"})");
  m.experiment.datasets = {"sums", "copy"};
  auto p = m.make();
  CHECK(keys_of(p).size() == p.size());
  CHECK(p.size() == 4 * 4);
}

TEST_CASE("two models that ask the very same thing are still two, and the first keeps its keys") {
  matrix m;
  auto before = m.make();
  m.all.models.push_back(model("twin", "small-1", {"right"}));
  m.experiment.models.push_back("twin");
  auto p = m.make();
  CHECK(keys_of(p).size() == p.size());
  CHECK(count_new(before, p) == 3 * 2);
  CHECK(p.make_task(4).request.messages == p.make_task(0).request.messages);
}

TEST_CASE("a corrected target keeps the keys and changes the fingerprint") {
  matrix m;
  auto before = m.make();
  m.write("sums", R"({"id":"a","question":"1+1?","answer":"two","level":"easy"}
{"id":"b","question":"2+2?","answer":"4","level":"easy"}
{"id":"c","question":"12*12?","answer":"144","level":"hard"}
)");
  auto after = m.make();
  CHECK(keys_of(after) == keys_of(before));
  CHECK(after.fingerprint() != before.fingerprint());
}

TEST_CASE("the fingerprint tells judges, names of cells and the order of tasks apart") {
  matrix m;
  std::set<std::string> met{m.make().fingerprint()};
  m.experiment.judges = {"numeric"};
  CHECK(met.insert(m.make().fingerprint()).second);
  std::swap(m.experiment.models[0], m.experiment.models[1]);
  CHECK(met.insert(m.make().fingerprint()).second);
  m.all.models[0].name = "tiny";
  m.experiment.models[1] = "tiny";
  CHECK(met.insert(m.make().fingerprint()).second);
  m.all.datasets[0].fields.difficulty = "";
  CHECK(met.insert(m.make().fingerprint()).second);
}

TEST_CASE("names that are not declared are problems of the experiment, all in one go") {
  matrix m;
  m.experiment.datasets = {"nothing"};
  m.experiment.models = {"nobody"};
  m.experiment.prompts = {"none"};
  auto problems = m.problems();
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].where == "file.toml:1:1");
  CHECK(problems[0].what == "there is no model `nobody`");
  CHECK(problems[1].what == "there is no prompt `none`");
  CHECK(problems[2].what == "there is no dataset `nothing`");
}

TEST_CASE("problems of datasets and prompts are told together") {
  matrix m;
  m.write("sums", "{\"id\":\"a\",\"question\":\"1+1?\"\n{\"id\":}\n");
  m.all.prompts[0].user = "{{no_such_variable}}";
  auto problems = m.problems();
  CHECK(problems.size() >= 3);
}

TEST_CASE("a dataset of which nothing is left is a problem") {
  matrix m;
  m.all.datasets[0].limit = 0;
  auto problems = m.problems();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "file.toml:9:1");
  CHECK(problems[0].what == "dataset `sums` has no samples");
}

TEST_CASE("samples that lack a field of the template are named, twenty at most") {
  matrix m;
  m.all.prompts[0].user = "{{input}} {{fields.hint}}";
  CHECK(m.problems().size() == 3);
  std::string rows;
  for (int i = 0; i < 5000; ++i)
    rows += "{\"id\":\"" + std::to_string(i) + "\",\"question\":\"q\",\"answer\":\"1\"}\n";
  m.write("sums", rows);
  m.all.datasets[0].fields.difficulty = "";
  CHECK(m.problems().size() == 20);
}

TEST_CASE("whatever is listed twice is a problem that says so") {
  matrix m;
  m.experiment.datasets = {"sums", "sums"};
  m.experiment.models = {"small", "large", "small"};
  m.experiment.prompts = {"plain", "plain"};
  auto problems = m.problems();
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].what == "`small` is listed twice");
  CHECK(problems[1].what == "`plain` is listed twice");
  CHECK(problems[2].what == "`sums` is listed twice");
}

TEST_CASE("a plan of many samples is the same whether one thread or two hash it") {
  matrix many;
  std::string rows;
  for (int i = 0; i < 3000; ++i)
    rows += "{\"id\":\"" + std::to_string(i) + "\",\"question\":\"q\",\"answer\":\"1\"}\n";
  many.write("sums", rows);
  many.all.datasets[0].fields.difficulty = "";
  auto whole = many.make();
  many.experiment.instances = 1000;
  auto part = many.make();
  REQUIRE(whole.size() == 3000 * 4);
  for (std::size_t i = 0; i < part.size(); ++i) REQUIRE(part.key(i) == whole.key(i));
  CHECK(keys_of(whole).size() == whole.size());
}

// -- equal requests -------------------------------------------------------------------------------

namespace {

std::vector<std::uint32_t> all_of(const plan& p) {
  std::vector<std::uint32_t> positions(p.size());
  for (std::uint32_t i = 0; i < positions.size(); ++i) positions[i] = i;
  return positions;
}

using shared = std::vector<evaluation::shared_request>;

}  // namespace

TEST_CASE("a plan whose requests all differ has no duplicates, over all epochs") {
  matrix m;
  m.experiment.epochs = 3;
  auto p = m.make();
  CHECK(p.duplicates(all_of(p), {}).empty());
}

TEST_CASE(
    "the same text in another dataset is the same request, for each model, prompt and epoch") {
  matrix m;
  m.add_dataset("again", R"({"id":"x","question":"2+2?","answer":"four","level":"easy"}
{"id":"y","question":"3+3?","answer":"6","level":"easy"}
{"id":"z","question":"2+2?","answer":"4","level":"easy"}
)");
  m.experiment.datasets.push_back("again");
  m.experiment.epochs = 2;
  auto p = m.make();
  REQUIRE(p.size() == 6 * 2 * 2 * 2);
  auto found = p.duplicates(all_of(p), {});
  REQUIRE(found.size() == 2 * 2 * 2);
  for (const auto& group : found) {
    auto first = p.make_task(group.leader);
    CHECK(first.item.id == "b");
    REQUIRE(group.followers.size() == 2);
    for (auto follower : group.followers) {
      auto other = p.make_task(follower);
      CHECK(other.request == first.request);
      CHECK(other.epoch == first.epoch);
      CHECK(other.key != first.key);
    }
  }
  CHECK(found[0] == evaluation::shared_request{8, {24, 40}});
}

TEST_CASE("only what is asked for is grouped, and the first of it leads") {
  matrix m;
  m.add_dataset("again", R"({"id":"x","question":"2+2?","answer":"four","level":"easy"}
{"id":"z","question":"2+2?","answer":"4","level":"easy"}
)");
  m.experiment.datasets.push_back("again");
  auto p = m.make();
  CHECK(p.duplicates({0, 1, 4, 12}, {}) == shared{{4, {12}}});
  CHECK(p.duplicates({12, 16}, {}) == shared{{12, {16}}});
  CHECK(p.duplicates({12}, {}).empty());
}

TEST_CASE("two models that are called alike share requests only if they share their providers") {
  matrix m;
  m.experiment.prompts = {"plain"};
  m.all.models.push_back(model("twin", "small-1", {"left"}));
  m.experiment.models.push_back("twin");
  auto p = m.make();
  CHECK(p.duplicates(all_of(p), {}) == shared{{0, {2}}, {3, {5}}, {6, {8}}});
  m.all.models.back().providers = {"right"};
  auto q = m.make();
  CHECK(q.duplicates(all_of(q), {}).empty());
  CHECK(q.duplicates(all_of(q), {.across_accounts = true}).size() == 3);
  m.all.models.back().temperature = 0.5;
  auto r = m.make();
  CHECK(r.duplicates(all_of(r), {.across_accounts = true}).empty());
}

TEST_CASE("with the cache off every request is sent") {
  matrix m;
  m.all.models.push_back(model("twin", "small-1", {"left"}));
  m.experiment.models.push_back("twin");
  auto p = m.make();
  CHECK_FALSE(p.duplicates(all_of(p), {}).empty());
  CHECK(p.duplicates(all_of(p), {.on = false}).empty());
}
