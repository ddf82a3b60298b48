// What a task's key and the fingerprint of a plan depend on.

#include <functional>

#include "tests/evaluation/matrix.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

std::size_t count_new(const plan& before, const plan& after) {
  auto known = keys_of(before);
  std::size_t fresh = 0;
  for (std::size_t i = 0; i < after.size(); ++i) fresh += !known.contains(after.key(i));
  return fresh;
}

}  // namespace

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

TEST_CASE("the key of an extraction depends on what its template and documents hold") {
  auto extraction = [] {
    auto m = std::make_unique<matrix>();
    m->experiment.mode = "extraction";
    m->write(
        "sums",
        R"({"id":"a","question":"1+1?","answer":"2","level":"easy","template":"t","documents":"docs"}
)");
    std::filesystem::create_directories(m->folder / "docs");
    std::ofstream(m->folder / "t") << "template";
    std::ofstream(m->folder / "docs" / "1.txt") << "text";
    return m;
  };
  auto before = extraction()->make();
  CHECK(count_new(before, extraction()->make()) == 0);
  struct change {
    const char* what;
    std::function<void(matrix&)> make;
    bool matters;
  };
  const change changes[] = {
      {"template", [](matrix& x) { std::ofstream(x.folder / "t") << "other"; }, true},
      {"text of a document",
       [](matrix& x) { std::ofstream(x.folder / "docs" / "1.txt") << "other"; }, true},
      {"another document", [](matrix& x) { std::ofstream(x.folder / "docs" / "2.txt") << "text"; },
       true},
      {"a file that is no document",
       [](matrix& x) { std::ofstream(x.folder / "docs" / "2.txt") << ""; }, false},
      {"length of passages", [](matrix& x) { x.all.extraction.passage_chars = 500; }, true},
      {"model of the vectors", [](matrix& x) { x.all.extraction.embedding_model = "small"; }, true},
      {"model of the command", [](matrix& x) { x.all.extraction.model = "small"; }, false},
  };
  for (const auto& c : changes) {
    INFO(c.what);
    auto changed = extraction();
    c.make(*changed);
    auto after = changed->make();
    CHECK(count_new(before, after) == (c.matters ? after.size() : 0));
  }
}
