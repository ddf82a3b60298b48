// The tasks of a plan, and the problems of an experiment that cannot be planned.

#include "tests/evaluation/matrix.hpp"

using namespace assay;
using namespace assay::tests;

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
