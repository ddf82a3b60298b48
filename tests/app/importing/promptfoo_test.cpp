#include "evaluation/judge.hpp"
#include "evaluation/plan.hpp"
#include "tests/app/importing/importing_folder.hpp"

using namespace assay;
using namespace assay::tests;
using strings = std::vector<std::string>;

namespace {

const std::string head = "providers: [openai:gpt-4o-mini]\nprompts: ['Q: {{q}}']\n";

/// The first task's messages, as `role: content` lines.
std::string asked(const importing_folder& folder, const importing::draft& d, std::size_t task = 0) {
  auto all = folder.loaded(d);
  auto plan = evaluation::plan::make(all, all.experiments.front());
  if (!plan) FAIL(render(plan.error().front()));
  std::string out;
  static constexpr const char* names[] = {"system", "user", "assistant", "tool"};
  for (auto& message : plan->make_task(task).request.messages)
    out += std::string(names[static_cast<int>(message.who)]) + ": " + message.content + "\n";
  return out;
}

/// What the judge says of an answer to the first row.
int judged(const importing_folder& folder, const importing::draft& d, const std::string& text) {
  auto all = folder.loaded(d);
  auto plan = evaluation::plan::make(all, all.experiments.front());
  REQUIRE(plan);
  auto judge = evaluation::make_judge(all.judges.front());
  REQUIRE(judge);
  answer reply;
  reply.text = text;
  auto v = (*judge)->score(plan->make_task(0).item, reply);
  return v.scored ? static_cast<int>(v.score) : -1;
}

}  // namespace

TEST_CASE("a configuration becomes an experiment that assay loads and plans") {
  importing_folder folder;
  auto d = folder.imported("capitals.yaml", R"(
description: Capitals
providers:
  - openai:gpt-4o-mini
  - id: anthropic:messages:claude-3-5-haiku-latest
    label: The small Claude
    config: {temperature: 0.5, max_tokens: 64}
prompts:
  - "Capital of {{country}}?"
  - "Name the capital of {{ country | upper }}."
tests:
  - vars: {country: France}
    assert: [{type: contains, value: Paris}]
  - vars: {country: Italy}
    assert: [{type: contains, value: Rome}]
)");
  CHECK(d.notes.empty());
  auto all = folder.loaded(d);
  REQUIRE(all.experiments.size() == 1);
  CHECK(all.experiments[0].name == "capitals");
  CHECK(all.experiments[0].models == strings{"gpt-4o-mini", "The-small-Claude"});
  auto claude = find_named(all.models, "The-small-Claude");
  CHECK(claude->model_name == "claude-3-5-haiku-latest");
  CHECK(claude->temperature == 0.5);
  CHECK(claude->max_tokens == 64);
  auto gpt = find_named(all.models, "gpt-4o-mini");
  CHECK(gpt->temperature == 0);
  CHECK(gpt->max_tokens == 1024);
  auto plan = evaluation::plan::make(all, all.experiments[0]);
  REQUIRE(plan);
  CHECK(plan->size() == 8);
  CHECK(asked(folder, d) == "user: Capital of France?\n");
  CHECK(asked(folder, d, 1) == "user: Name the capital of FRANCE.\n");
  CHECK(judged(folder, d, "It is Paris.") == 1);
  CHECK(judged(folder, d, "It is Rome.") == 0);
}

TEST_CASE("prompts: files, several in a file, chats in JSON and YAML, labels") {
  importing_folder folder;
  folder.write("two.txt", "First {{q}}\n---\nSecond {{q}}\n");
  folder.write(
      "chat.json",
      R"([{"role":"system","content":"Speak {{tone}}."},{"role":"user","content":"{{q}}"}])");
  folder.write("chat.yaml",
               "- role: user\n  content: '{{q}}'\n- role: assistant\n  content: Hm\n"
               "- role: user\n  content: Well?\n");
  auto d = folder.imported("p.yaml", R"(
providers: openai:gpt-4o
prompts:
  - file://two.txt
  - {id: file://chat.json, label: A chat}
  - chat.yaml
  - |
    [{"role": "user", "content": "inline {{q}}"}]
tests: [{vars: {q: 'say "hi"', tone: softly}}]
)");
  CHECK(d.notes.empty());
  CHECK(d.prompts == strings{"two", "two-2", "A-chat", "chat", "prompt-5"});
  CHECK(asked(folder, d, 0) == "user: First say \"hi\"\n");
  CHECK(asked(folder, d, 1) == "user: Second say \"hi\"\n");
  CHECK(asked(folder, d, 2) == "system: Speak softly.\nuser: say \"hi\"\n");
  CHECK(asked(folder, d, 3) == "user: say \"hi\"\nassistant: Hm\nuser: Well?\n");
  CHECK(asked(folder, d, 4) == "user: inline say \"hi\"\n");
}

TEST_CASE("templates: paths, conditions, comments, white space, raw text, unknown names") {
  importing_folder folder;
  folder.environment["PLACE"] = "here";
  auto ask = [&](const std::string& prompt) {
    folder.write("one.md", prompt);
    auto d = folder.imported("p.yaml",
                             "providers: openai:gpt-4o\nprompts: file://one.md\ntests:\n"
                             "  - vars: {q: x, user: {name: Ada, langs: {first: en}}, "
                             "nested: '{{q}}{{q}}', yes: true}\n");
    return asked(folder, d);
  };
  CHECK(ask("{{user.name}} {{user['langs'].first}}") == "user: Ada en\n");
  CHECK(ask("{% if yes %}Y{% else %}N{% endif %}{% if none %}Y{% else %}N{% endif %}") ==
        "user: YN\n");
  CHECK(ask("a{# note #}b {{- q -}} c") == "user: abxc\n");
  CHECK(ask("{% raw %}{{q}}{% endraw %}") == "user: {{q}}\n");
  CHECK(ask("[{{nowhere}}] {{nested}} {{env.PLACE}}") == "user: [] xx here\n");
  CHECK(ask("{{user | dump}}") == "user: {\"name\":\"Ada\",\"langs\":{\"first\":\"en\"}}\n");
  CHECK(ask("costs $${q} or ${HOME}") == "user: costs $${q} or ${HOME}\n");
}

TEST_CASE("tests: defaults, lists of values, scenarios, files, values of files") {
  importing_folder folder;
  folder.write("more.csv",
               "q,__expected,__expected2,__description\n"
               "one,contains: 1,not-contains: 2,first\n\"two\",2,,\n");
  folder.write("more.json", R"([{"vars": {"q": "json"}}])");
  folder.write("more.jsonl", "{\"vars\": {\"q\": \"line\"}}\n\n{\"vars\": {\"q\": \"line 2\"}}\n");
  folder.write("text.txt", "from a file\n");
  auto d = folder.imported("t.yaml", head + R"(
defaultTest:
  vars: {tone: plain}
  assert: [{type: not-contains, value: sorry}]
scenarios:
  - config: [{vars: {lang: en}}, {vars: {lang: de}}]
    tests: [{vars: {q: "in {{lang}}"}}]
tests:
  - vars: {q: [a, b], tone: [loud, low]}
    assert: [{type: contains, value: "{{q}}{{tone}}"}]
  - vars: {q: file://text.txt}
    threshold: 0.5
  - file://more.csv
  - file://more.json
  - file://more.jsonl
)");
  CHECK(d.notes.empty());
  strings questions, assertions;
  for (auto& row : d.rows) {
    questions.push_back(row["q"]);
    assertions.push_back(row["assert"].dump());
  }
  CHECK(questions == strings{"a", "b", "a", "b", "from a file", "one", "two", "json", "line",
                             "line 2", "in en", "in de"});
  auto base = R"({"type":"not-contains","value":"sorry"})";
  CHECK(assertions[1] == "[" + std::string(base) + R"(,{"type":"contains","value":"bloud"}])");
  CHECK(assertions[4] == R"({"threshold":0.5,"assert":[)" + std::string(base) + "]}");
  CHECK(assertions[5] ==
        "[" + std::string(base) +
            R"(,{"type":"contains","value":"1"},{"type":"not-contains","value":"2"}])");
  CHECK(assertions[6] == "[" + std::string(base) + R"(,{"type":"equals","value":"2"}])");
  CHECK(d.rows[5]["__description"] == "first");
  CHECK(d.rows[2]["tone"] == "low");
}

TEST_CASE("assertions: sets, templates of the file, schemas of files") {
  importing_folder folder;
  folder.write("schema.json", R"({"type": "object"})");
  auto d = folder.imported("a.yaml", head + R"(
assertionTemplates:
  brief: {type: word-count, value: {max: 2}}
tests:
  - vars: {q: x}
    assert:
      - $ref: '#/assertionTemplates/brief'
      - {type: is-json, value: file://schema.json}
      - type: assert-set
        threshold: 0.5
        assert: [{type: contains, value: a}, {type: contains, value: b, weight: 2}]
)");
  CHECK(d.notes.empty());
  CHECK(d.rows[0]["assert"].dump() ==
        R"([{"type":"word-count","value":{"max":2}},{"type":"is-json","value":{"type":"object"}},)"
        R"({"type":"assert-set","threshold":0.5,"assert":[{"type":"contains","value":"a"},)"
        R"({"type":"contains","value":"b","weight":2}]}])");
  CHECK(judged(folder, d, "{\"b\":1}") == 1);
  CHECK(judged(folder, d, "{\"c\":1}") == 0);
}

TEST_CASE("what is not understood is listed with its line, and the rest is used") {
  importing_folder folder;
  folder.write("gone.txt", "");
  std::filesystem::remove(folder.path("gone.txt"));
  auto d = folder.imported("odd.yaml", R"(providers:
  - openai:gpt-4o
  - exec:run.sh
  - openai:embedding:ada
  - {id: groq:llama, config: {tools: [], apiKey: abc}, delay: 3}
prompts:
  - "{{q}}"
  - "{% for x in q %}{{x}}{% endfor %}"
  - file://prompt.py
  - file://gone.txt
redteam: {}
evaluateOptions: {repeat: 2, maxConcurrency: 3, delay: 5}
tests:
  - vars: {q: a}
    assert: [{type: javascript, value: "output.length"}, {type: contains, value: a}]
  - vars: {q: b}
    options: {transform: output.trim()}
    assert: [{type: javascript, value: "1"}, {type: contains, value: b}]
  - https://example.com/tests.csv
  - tests.xlsx
)");
  CHECK(folder.notes(d) ==
        strings{
            "odd.yaml:11: 'redteam' is not understood",
            "odd.yaml:3: provider 'exec:run.sh' is not understood (expected one such as "
            "openai:gpt-4o, anthropic:messages:..., ollama:chat:...)",
            "odd.yaml:4: provider 'openai:embedding:ada' is for 'embedding' (only chat models can "
            "be called)",
            "odd.yaml:5: a key in the file is not used (put it into an environment variable and "
            "name that: apiKeyEnvar)",
            "odd.yaml:5: option 'tools' of the provider is not understood",
            "odd.yaml:5: 'delay' of a provider is not understood",
            "odd.yaml:8: prompt left out: '{% for x in q %}' is not understood",
            "odd.yaml:9: prompt 'file://prompt.py' is not understood (expected the name of a text, "
            "JSON or YAML file)",
            "odd.yaml:10: prompt file gone.txt: cannot be read: No such file or directory",
            "odd.yaml:15: assertion 'javascript' is not understood (2 times) (samples that pass "
            "the others stay unscored)",
            "odd.yaml:16: 'transform' of a test's options is not understood",
            "odd.yaml:19: tests from 'https://example.com/tests.csv' are not understood",
            "odd.yaml:20: tests left out: tests.xlsx: tests in '.xlsx' files are not understood",
            "odd.yaml:12: option 'delay' is not understood",
        });
  CHECK(d.models == strings{"gpt-4o", "llama"});
  CHECK(d.rows.size() == 2);
  auto all = folder.loaded(d);
  CHECK(all.experiments[0].epochs == 2);
  CHECK(all.experiments[0].concurrency == 3);
  CHECK(to_toml(d, "x").find("abc") == std::string::npos);
  CHECK(judged(folder, d, "a") == -1);
  CHECK(judged(folder, d, "x") == 0);
  auto second = d;
  second.rows.erase(second.rows.begin());
  CHECK(judged(folder, second, "x") == -1);
}

TEST_CASE("what is not understood cannot break the file that names it") {
  importing_folder folder;
  auto d = folder.imported("x.yaml", head + "tests: [{vars: {q: a}}]\n\"odd\\x7F\\nkey\": 1\n");
  CHECK(d.notes.size() == 1);
  folder.loaded(d);
  auto typeless =
      folder.imported("x.yaml", head + "tests: [{vars: {q: a}, assert: [{type: , value: b}]}]\n");
  CHECK(typeless.notes.size() == 1);
}

TEST_CASE("addresses and keys of accounts; equal accounts are one") {
  importing_folder folder;
  folder.environment["OPENAI_BASE_URL"] = "http://proxy/v1";
  auto d = folder.imported("e.yaml", R"(
env: {AZURE_API_HOST: mine.openai.azure.com}
providers:
  - openai:a
  - openai:chat:b
  - {id: openai:c, config: {apiBaseUrl: "http://localhost:9/v1", apiKeyEnvar: OTHER}}
  - azure:chat:d
  - mistral:e
  - openai:o3-mini
  - ollama:chat:llama3:8b
  - openai:gpt-4o: {config: {response_format: {type: json_object}, passthrough: {n: null, user: u}}}
prompts: hi
)");
  CHECK(d.notes.empty());
  auto all = folder.loaded(d);
  auto url = [&](const std::string& model) {
    return find_named(all.providers, find_named(all.models, model)->providers[0])->base_url;
  };
  CHECK(url("a") == "http://proxy/v1");
  CHECK(find_named(all.models, "a")->providers == find_named(all.models, "b")->providers);
  CHECK(url("c") == "http://localhost:9/v1");
  CHECK(find_named(all.providers, find_named(all.models, "c")->providers[0])->credential.env ==
        "OTHER");
  CHECK(url("d") == "https://mine.openai.azure.com");
  CHECK(url("e") == "https://api.mistral.ai/v1");
  CHECK_FALSE(find_named(all.models, "o3-mini")->temperature);
  CHECK(find_named(all.models, "llama3:8b"));
  CHECK(find_named(all.models, "gpt-4o")->extra_json ==
        R"({"response_format":{"type":"json_object"},"user":"u"})");
  CHECK(d.rows.size() == 1);
}

TEST_CASE("models of the command line stand instead of the file's") {
  importing_folder folder;
  auto d = folder.imported("m.yaml", head + "tests: [{vars: {q: x}}]\n", {"groq:llama-3"});
  CHECK(d.models == strings{"llama-3"});
  folder.write(
      "mine.toml",
      "[mocks.m]\ndatasets = "
      "\"m\"\n[mocks.m.models.one]\n[mocks.m.models.two]\n[providers.m]\nbase_url = \"mock:m\"\n"
      "[models.one]\nprovider = \"m\"\n[models.two]\nprovider = \"m\"\n");
  auto wanted = folder.request("m.yaml");
  wanted.with = folder.path("mine.toml");
  auto both = importing::import_file(wanted);
  if (!both) FAIL(render(both.error().front()));
  CHECK(both->models == strings{"one", "two"});
  CHECK(folder.loaded(*both).mocks.size() == 1);
  wanted.models = {"two"};
  CHECK(importing::import_file(wanted)->models == strings{"two"});
  wanted.models = {"three"};
  CHECK_FALSE(importing::import_file(wanted));
}

TEST_CASE("files that cannot be used get one problem that says where and what to do") {
  importing_folder folder;
  CHECK(folder.problem("a.yaml", "a: [1") == "a.yaml:1:1: end of sequence flow not found");
  CHECK(folder.problem("a.yaml", "hello") ==
        "a.yaml: not a configuration of promptfoo: it has no prompts, providers or tests (assay's "
        "own files are TOML: `assay init`)");
  CHECK(folder.problem("a.yaml", "prompts: hi\n")
            .find("a.yaml: no provider of the file can be called (expected providers: ") == 0);
  CHECK(folder.problem("a.yaml", "providers: exec:x\nprompts: hi\n")
            .find("a.yaml: no provider of the file can be called (a.yaml:1: provider 'exec:x'") ==
        0);
  CHECK(folder.problem("a.yaml", "providers: openai:x\n").find("a.yaml: no prompt") == 0);
  CHECK(folder.problem("a.yaml", "providers: openai:x\nprompts: hi\ntests: []\n") ==
        "a.yaml: the file has no tests that can be used");
  CHECK(folder.problem("a.yaml", "prompts: hi\nprompts: ho\n") ==
        "a.yaml:2:10: the key is written twice");
  CHECK(folder.problem("a.yaml", "prompts: \xFF\n") == "a.yaml: the file is not UTF-8 (byte 10)");
  auto bomb = std::string("a: &a [x,x,x,x,x,x,x,x,x,x]\n");
  for (char c = 'b'; c < 'k'; ++c)
    bomb += std::string(1, c) + ": &" + c + " [*" + char(c - 1) + ",*" + char(c - 1) + ",*" +
            char(c - 1) + ",*" + char(c - 1) + ",*" + char(c - 1) + ",*" + char(c - 1) + "]\n";
  CHECK(folder.problem("a.yaml", bomb).find("more than 2,000,000 values") != std::string::npos);
  CHECK(folder.problem("a.yaml", "a: " + std::string(200, '[')).find("deeper") !=
        std::string::npos);
  auto gone = importing::import_file(folder.request("nowhere.yaml"));
  REQUIRE_FALSE(gone);
  CHECK(folder.without_folder(render(gone.error().front())) ==
        "nowhere.yaml: cannot be read: No such file or directory (check the path)");
}
