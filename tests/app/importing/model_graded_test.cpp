// Assertions of promptfoo's that a model grades.

#include "evaluation/graders/model_judge.hpp"
#include "evaluation/plan.hpp"
#include "tests/app/importing/importing_folder.hpp"

using namespace assay;
using namespace assay::tests;
using strings = std::vector<std::string>;

namespace {

const std::string head = "providers: [openai:gpt-4o-mini]\nprompts: ['Q: {{q}}']\n";

/// What a judge asks about an answer to the n-th row; empty if it asks nothing.
std::string asked(const importing_folder& folder, const importing::draft& d,
                  const std::string& judge, std::size_t row = 0) {
  auto all = folder.loaded(d);
  auto plan = evaluation::plan::make(all, all.experiments.front());
  REQUIRE(plan);
  auto made = evaluation::make_model_judge(all, *find_named(all.judges, judge));
  if (!made) FAIL(render(made.error()));
  record r;
  r.asked = plan->make_task(row);
  r.got.reply.text = "Hm.";
  auto calls = (*made)->make(r)->begin();
  return calls.empty() ? "" : calls[0].model + ": " + calls[0].request.messages.back().content;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("rubrics, closed questions and facts become judges of the models that grade") {
  importing_folder folder;
  auto d = folder.imported("g.yaml", head + R"(
defaultTest:
  options: {provider: openai:gpt-4o}
  assert: [{type: llm-rubric, value: "Is polite to {{q}}"}]
tests:
  - vars: {q: Ada}
    assert:
      - {type: contains, value: Ada}
      - {type: llm-rubric, value: Is short, weight: 0}
  - vars: {q: Bob}
    options: {provider: {id: anthropic:messages:claude, config: {max_tokens: 300}}}
    assert:
      - {type: factuality, value: Bob is tall}
      - {type: model-graded-closedqa, value: Names Bob, provider: {text: openai:gpt-4o-mini, embedding: openai:embedding:ada}}
)");
  CHECK(folder.notes(d).empty());
  CHECK(d.models == strings{"gpt-4o-mini"});
  CHECK(d.judges == strings{"assertions", "llm-rubric", "llm-rubric-2", "llm-rubric-3",
                            "factuality", "closedqa"});
  auto all = folder.loaded(d);
  auto grader = [&](const char* judge) { return find_named(all.judges, judge)->grader.models; };
  CHECK(find_named(all.judges, "llm-rubric")->type == "closed_qa");
  CHECK(find_named(all.judges, "factuality")->type == "model_graded_fact");
  CHECK(find_named(all.judges, "closedqa")->type == "closed_qa");
  CHECK(grader("llm-rubric") == strings{"gpt-4o"});
  CHECK(grader("llm-rubric-3") == strings{"claude"});
  CHECK(grader("factuality") == strings{"claude"});
  CHECK(grader("closedqa") == strings{"gpt-4o-mini"});
  CHECK(find_named(all.models, "claude")->max_tokens == 300);
  CHECK(all.models.size() == 3);
  auto polite = asked(folder, d, "llm-rubric");
  CHECK(has(polite, "gpt-4o: "));
  CHECK(has(polite, "[Submission]: Hm.\n"));
  CHECK(has(polite, "[Criterion]: Is polite to Ada\n"));
  CHECK(has(asked(folder, d, "llm-rubric-2"), "[Criterion]: Is short\n"));
  CHECK(asked(folder, d, "llm-rubric", 1).empty());
  CHECK(has(asked(folder, d, "llm-rubric-3", 1), "[Criterion]: Is polite to Bob\n"));
  CHECK(has(asked(folder, d, "factuality", 1), "[Criterion]: Bob is tall\n"));
  CHECK(asked(folder, d, "factuality").empty());
  CHECK(has(asked(folder, d, "closedqa", 1), "[Criterion]: Names Bob\n"));
  CHECK(d.rows[0]["assert"].dump() == R"([{"type":"contains","value":"Ada"}])");
  CHECK_FALSE(d.rows[1].contains("assert"));
  CHECK(d.rows[1]["__target"] == "Bob is tall");
}

TEST_CASE("where models grade everything, no rule judges") {
  importing_folder folder;
  auto d = folder.imported("g.yaml",
                           head +
                               "tests:\n  - {vars: {q: [a, b]}, options: {provider: openai:o3}, "
                               "assert: [{type: llm-rubric, value: 'Is {{q}}'}]}\n");
  CHECK(d.judges == strings{"llm-rubric"});
  CHECK(has(asked(folder, d, "llm-rubric", 1), "[Criterion]: Is b\n"));
}

TEST_CASE("what no judge can stand for is listed with its line and what to add") {
  importing_folder folder;
  folder.write("more.yaml", "- vars: {q: z}\n  assert:\n    - {type: python, value: '1'}\n");
  auto d = folder.imported("g.yaml", head + R"(defaultTest:
  options: {rubricPrompt: "Grade {{output}}"}
tests:
  - vars: {q: [a, b]}
    assert:
      - {type: llm-rubric, value: Is polite}
      - {type: factuality, value: x, provider: exec:grade.sh}
  - vars: {q: c}
    options: {provider: openai:o3}
    threshold: 0.5
    assert:
      - {type: llm-rubric, value: Is polite}
  - vars: {q: d}
    options: {provider: openai:o3}
    assert:
      - type: assert-set
        assert: [{type: llm-rubric, value: Is polite}]
      - {type: not-llm-rubric, value: Is rude}
      - {type: llm-rubric}
      - {type: llm-rubric, value: Is kind, threshold: 0.8}
  - file://more.yaml
)");
  CHECK(folder.notes(d) ==
        strings{
            "g.yaml:4: 'rubricPrompt' of a test's options is not understood",
            "g.yaml:9: provider 'exec:grade.sh' is not understood (expected one such as "
            "openai:gpt-4o, anthropic:messages:..., ollama:chat:...)",
            "g.yaml:8: assertion 'llm-rubric' is not understood: no model grades it (name one: "
            "defaultTest: {options: {provider: openai:gpt-4o}})",
            "g.yaml:9: assertion 'factuality' is not understood: no model grades it (name one: "
            "defaultTest: {options: {provider: openai:gpt-4o}})",
            "g.yaml:14: assertion 'llm-rubric' is not understood in a test with a threshold "
            "(samples that pass the others stay unscored)",
            "g.yaml:19: assertion 'llm-rubric' is not understood within an assert-set (samples "
            "that pass the others stay unscored)",
            "g.yaml:20: assertion 'not-llm-rubric' is not understood (samples that pass the others "
            "stay unscored)",
            "g.yaml:21: assertion 'llm-rubric' is not understood without a text as its value "
            "(samples that pass the others stay unscored)",
            "g.yaml:22: 'threshold' of 'llm-rubric' is not understood (the judge says right or "
            "wrong)",
            "more.yaml:3: assertion 'python' is not understood (samples that pass the others stay "
            "unscored)",
        });
  CHECK(d.judges == strings{"assertions", "llm-rubric"});
  CHECK(d.rows[0]["assert"].size() == 2);
  CHECK(has(asked(folder, d, "llm-rubric", 3), "[Criterion]: Is kind\n"));
}

TEST_CASE("names of the file whose models are asked are not taken again") {
  importing_folder folder;
  folder.write("mine.toml",
               "[providers.openai]\nbase_url = \"http://localhost:1\"\n"
               "[models.o3]\nprovider = \"openai\"\n"
               "[judges.llm-rubric]\ntype = \"exact\"\n");
  folder.write("g.yaml", head +
                             "tests:\n  - {vars: {q: a}, options: {provider: openai:o3}, "
                             "assert: [{type: llm-rubric, value: Is}]}\n");
  auto wanted = folder.request("g.yaml");
  wanted.with = folder.path("mine.toml");
  auto d = importing::import_file(wanted);
  if (!d) FAIL(render(d.error().front()));
  CHECK(d->models == strings{"o3"});
  CHECK(d->judges == strings{"llm-rubric-2"});
  auto all = folder.loaded(*d);
  CHECK(find_named(all.judges, "llm-rubric-2")->grader.models == strings{"o3-2"});
  CHECK(find_named(all.models, "o3-2")->providers == strings{"openai-2"});
}
