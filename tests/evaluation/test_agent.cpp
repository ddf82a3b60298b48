// The loop of an agent: which calls are made, and what a sample comes to.

#include <doctest/doctest.h>

#include <functional>

#include "evaluation/agent/agent.hpp"
#include "tests/evaluation/matrix.hpp"

using namespace assay;
using namespace assay::evaluation;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

/// An experiment of agents, and a sample of it.
struct scene {
  settings all;
  experiment_settings experiment;
  record asked;

  scene() {
    experiment.mode = "agent";
    experiment.agent.tools = {"calculator", "search"};
    experiment.agent.documents = "papers";
    asked.asked.where.model = "m";
    asked.asked.item.fields = {{"papers", R"(["Cats sleep."])"}};
    asked.asked.request.model = "wire-name";
    asked.asked.request.messages = {{role::user, "What is 2 * 21?", {}, {}}};
    asked.asked.request.temperature = 0.5;
  }

  procedure_ptr begin() const { return make_agent(all, experiment).value()->make(asked); }
};

tool_call calculate(const std::string& id, const std::string& expression) {
  return {id, "calculator", R"({"expression": ")" + expression + "\"}"};
}

call_result said(const std::string& text, std::vector<tool_call> calls = {}) {
  call_result r;
  r.reply.text = text;
  r.reply.why = calls.empty() ? finish::stop : finish::tool_calls;
  r.reply.finish_reason = calls.empty() ? "stop" : "tool_calls";
  r.reply.calls = std::move(calls);
  r.reply.usage.input = 100;
  r.reply.usage.output = 10;
  r.tokens = 110;
  r.cost = {0.01};
  r.service = 2s;
  return r;
}

outcome end_of(procedure& p) { return std::get<outcome>(p.end()); }

}  // namespace

TEST_CASE("the first call is the sample's request with the tools") {
  scene s;
  auto calls = s.begin()->begin();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].label == "step 1");
  CHECK(calls[0].model == "m");
  auto wanted = s.asked.asked.request;
  wanted.tools = agent_tools(s.all, s.experiment).value();
  CHECK(calls[0].request == wanted);
  REQUIRE(wanted.tools.size() == 3);
  CHECK(wanted.tools[0].name == "calculator");
  CHECK(wanted.tools[2].name == "read_document");
}

TEST_CASE("an answer without a tool call is the final one") {
  scene s;
  auto p = s.begin();
  p->begin();
  CHECK(p->take(said("42")).empty());
  auto end = end_of(*p);
  CHECK(end.status == outcome_status::answered);
  CHECK(end.reply.text == "42");
  CHECK(end.reply.finish_reason == "stop");
}

TEST_CASE("tool calls are carried out in order, and the conversation goes on with their results") {
  scene s;
  auto p = s.begin();
  p->begin();
  auto first = said(
      "Let me see.",
      {calculate("a", "2 * 21"), calculate("b", "1 +"), {"c", "search", R"({"query": "cats"})"}});
  first.reply.thinking = R"([{"type":"thinking"}])";
  auto next = p->take(first);
  REQUIRE(next.size() == 1);
  CHECK(next[0].label == "step 2");
  const auto& talk = next[0].request.messages;
  REQUIRE(talk.size() == 5);
  CHECK(talk[0] == s.asked.asked.request.messages[0]);
  CHECK(talk[1] ==
        chat_message{
            role::assistant, "Let me see.", first.reply.calls, {}, R"([{"type":"thinking"}])"});
  CHECK(talk[2] == chat_message{role::tool, "42", {}, "a"});
  CHECK(talk[3] == chat_message{role::tool,
                                "Error: character 4: a number was expected, but the expression "
                                "ends here",
                                {},
                                "b"});
  CHECK(talk[4] == chat_message{role::tool, "[1] document 1, offset 0\nCats sleep.", {}, "c"});
  CHECK(p->take(said("42")).empty());
}

TEST_CASE("what all calls used is added up; the caller knows their cost") {
  scene s;
  auto p = s.begin();
  p->begin();
  p->take(said("", {calculate("a", "1")}));
  auto last = said("1");
  last.reply.usage.output = std::nullopt;
  last.reply.usage.reasoning = 7;
  p->take(last);
  auto end = end_of(*p);
  CHECK(end.reply.usage.input == 200);
  CHECK(end.reply.usage.output == 10);
  CHECK(end.reply.usage.reasoning == 7);
  CHECK_FALSE(end.reply.usage.cached_input);
  CHECK(end.cost == usd{});
}

TEST_CASE("a call that is wrong in any way is answered, and the loop goes on") {
  const tool_call wrong[] = {{"a", "calculator", "{\"expression\": \"2"},
                             {"a", "calculator", R"({"expr": "2"})"},
                             {"a", "calculator", "null"},
                             {"a", "abacus", "{}"},
                             {"", "", ""},
                             {"a", "calculator", "\xFF\xFE"},
                             {"a", "read_document", R"({"document": "9"})"}};
  for (const auto& call : wrong) {
    INFO(call.name << " " << call.arguments);
    scene s;
    auto p = s.begin();
    p->begin();
    auto next = p->take(said("", {call}));
    REQUIRE(next.size() == 1);
    CHECK(next[0].request.messages.back().who == role::tool);
    CHECK(next[0].request.messages.back().answers == call.id);
    CHECK(next[0].request.messages.back().content.starts_with("Error: "));
    CHECK(p->take(said("sorry")).empty());
    CHECK(end_of(*p).reply.text == "sorry");
  }
}

TEST_CASE("every call of an answer gets a result, and no more than 64 are carried out") {
  scene s;
  auto p = s.begin();
  p->begin();
  std::vector<tool_call> many(70, calculate("x", "1 + 1"));
  auto next = p->take(said("", many));
  const auto& talk = next.at(0).request.messages;
  REQUIRE(talk.size() == 72);
  CHECK(talk[65].content == "2");
  CHECK(talk[66].content == "Error: not done, more than 64 calls in one answer");
}

TEST_CASE("a limit ends the sample as answered by what was said last, and is its finish reason") {
  struct limit {
    const char* name;
    std::size_t steps;  ///< that are made before it
    std::function<void(agent_settings&)> set;
  };
  const limit limits[] = {
      {"max_steps", 3, [](auto& a) { a.max_steps = 3; }},
      {"max_tokens", 2, [](auto& a) { a.max_tokens = 220; }},
      {"max_tokens", 3, [](auto& a) { a.max_tokens = 221; }},
      {"max_cost_usd", 2, [](auto& a) { a.max_cost_usd = 0.02; }},
      {"max_working_time", 2, [](auto& a) { a.max_working_time = 4s; }},
      {"max_working_time", 3, [](auto& a) { a.max_working_time = 4'001ms; }},
      {"max_steps", 1, [](auto& a) { a.max_steps = 1; }},
  };
  for (const auto& l : limits) {
    INFO(l.name << " after " << l.steps);
    scene s;
    l.set(s.experiment.agent);
    auto p = s.begin();
    auto open = p->begin();
    std::size_t steps = 0;
    while (!open.empty()) {
      REQUIRE(++steps < 20);
      CHECK(open.size() == 1);
      open = p->take(said("thinking " + std::to_string(steps), {calculate("a", "1")}));
    }
    CHECK(steps == l.steps);
    auto end = end_of(*p);
    CHECK(end.status == outcome_status::answered);
    CHECK(end.reply.text == "thinking " + std::to_string(l.steps));
    CHECK(end.reply.finish_reason == l.name);
  }
}

TEST_CASE("a final answer is final, also with the step that reaches a limit") {
  scene s;
  s.experiment.agent.max_steps = 1;
  s.experiment.agent.max_tokens = 1;
  auto p = s.begin();
  p->begin();
  CHECK(p->take(said("42")).empty());
  CHECK(end_of(*p).reply.finish_reason == "stop");
}

TEST_CASE("the time that tools run is working time") {
  scene s;
  s.experiment.agent.tools = {"python"};
  s.experiment.agent.documents.clear();
  s.experiment.agent.max_working_time = 2'001ms;
  auto made = make_agent(s.all, s.experiment);
  if (!made) {
    MESSAGE("skipped, there is no sandbox here: " << render(made.error().front()));
    return;
  }
  auto p = (*made)->make(s.asked);
  p->begin();
  CHECK(p->take(said("", {{"a", "python", R"({"code": ""})"}})).empty());
  CHECK(end_of(*p).reply.finish_reason == "max_working_time");
}

TEST_CASE("a call that ends in error, a refusal or a filter ends the sample in it") {
  for (auto status : {outcome_status::error, outcome_status::refused, outcome_status::filtered}) {
    scene s;
    auto p = s.begin();
    p->begin();
    p->take(said("", {calculate("a", "1")}));
    auto r = said("no", {calculate("b", "2")});
    r.status = status;
    if (status == outcome_status::error) r.error.message = "broken";
    CHECK(p->take(r).empty());
    auto end = end_of(*p);
    CHECK(end.status == status);
    CHECK(end.error == r.error);
    CHECK(end.reply.finish_reason == "tool_calls");
  }
}

TEST_CASE("the same results lead to the same calls") {
  auto play = [] {
    scene s;
    auto p = s.begin();
    std::vector<chat_request> asked{p->begin().at(0).request};
    for (const auto& r :
         {said("", {calculate("a", "1 / 3"), {"b", "search", R"({"query": "cats"})"}}),
          said("", {{"c", "nope", "{"}}), said("", {calculate("d", "2^0.5")})})
      asked.push_back(p->take(r).at(0).request);
    return asked;
  };
  CHECK(play() == play());
}

TEST_CASE("agents wait for tools on as many threads as the sandbox has workers") {
  scene s;
  s.all.sandbox.workers = 3;
  CHECK(make_agent(s.all, s.experiment).value()->blocks() == 3);
}

TEST_CASE("what cannot be offered is a problem before anything is asked") {
  auto told = [](scene s) {
    auto made = make_agent(s.all, s.experiment);
    REQUIRE_FALSE(made);
    std::string all;
    for (const auto& p : made.error()) all += render(p) + "\n";
    auto declared = agent_tools(s.all, s.experiment);
    CHECK_FALSE(declared);
    return all;
  };
  scene s;
  s.experiment.declared_at = "e.toml:5:1";
  s.experiment.agent.tools = {"files", "weather"};
  s.experiment.agent.folder = "/nowhere";
  tool_settings weather;
  weather.name = "weather";
  weather.declared_at = "e.toml:9:1";
  weather.command = {"python3", "./nowhere.py"};
  weather.parameters = R"({"type": "object"})";
  s.all.tools = {weather};
  CHECK(told(s) ==
        "e.toml:5:1: agent: the folder \"/nowhere\" cannot be opened: No such file or directory\n"
        "e.toml:9:1: command: the file ./nowhere.py cannot be read (paths are seen from the folder "
        "of "
        "the experiment file)\n");
  s.experiment.agent.tools = {"weather"};
  s.all.tools[0].command = {"true"};
  s.all.tools[0].parameters = "[1]";
  CHECK(told(s) ==
        "e.toml:5:1: agent: the parameters of \"weather\" are not the JSON Schema of an object "
        "(write {\"type\": \"object\", \"properties\": {...}})\n");
}

// -- in the plan ----------------------------------------------------------------------------------

namespace {
matrix agent_matrix() {
  matrix m;
  m.experiment.mode = "agent";
  m.experiment.agent.tools = {"calculator"};
  return m;
}

}  // namespace

TEST_CASE("tasks of agents carry the tools, and other tasks carry none") {
  auto m = agent_matrix();
  auto p = m.make();
  for (std::size_t i = 0; i < p.size(); ++i)
    CHECK(p.make_task(i).request.tools == agent_tools(m.all, m.experiment).value());
  matrix plain;
  CHECK(plain.make().make_task(0).request.tools.empty());
  CHECK(p.make_task(0).input_tokens > plain.make().make_task(0).input_tokens);
}

TEST_CASE("tools, their terms and the limits of agents are in the keys") {
  auto before = keys_of(agent_matrix().make());
  tool_settings declared;
  declared.name = "mine";
  declared.parameters = R"({"type": "object"})";
  declared.command = {"true"};
  struct change {
    const char* what;
    std::function<void(matrix&)> make;
  };
  const change changes[] = {
      {"another tool", [](matrix& x) { x.experiment.agent.tools = {"search"}; }},
      {"one tool more",
       [](matrix& x) {
         x.experiment.agent.tools = {"calculator", "search"};
       }},
      {"max_steps", [](matrix& x) { x.experiment.agent.max_steps = 11; }},
      {"max_tokens", [](matrix& x) { x.experiment.agent.max_tokens = 1; }},
      {"max_cost_usd", [](matrix& x) { x.experiment.agent.max_cost_usd = 1e-9; }},
      {"max_working_time", [](matrix& x) { x.experiment.agent.max_working_time = 1s; }},
      {"mode", [](matrix& x) { x.experiment.mode = "direct_answer"; }},
  };
  for (const auto& c : changes) {
    INFO(c.what);
    auto changed = agent_matrix();
    c.make(changed);
    for (const auto& key : keys_of(changed.make())) CHECK_FALSE(before.count(key));
  }
  auto with_command = [&](std::vector<std::string> command) {
    auto m = agent_matrix();
    m.experiment.agent.tools = {"mine"};
    declared.command = std::move(command);
    m.all.tools = {declared};
    return keys_of(m.make());
  };
  CHECK(with_command({"true"}) == with_command({"true"}));
  CHECK(with_command({"true"}) != with_command({"true", "-v"}));
}

TEST_CASE("the documents that are searched are in the key of their sample") {
  auto keys = [](const char* paper) {
    auto m = agent_matrix();
    m.experiment.agent.tools = {"search"};
    m.experiment.agent.documents = "paper";
    m.write("sums",
            std::string(R"({"id":"a","question":"1+1?","answer":"2","level":"easy","paper":")") +
                paper + "\"}\n");
    return keys_of(m.make());
  };
  CHECK(keys("one") == keys("one"));
  CHECK(keys("one") != keys("two"));
}

TEST_CASE("agents that begin alike are not answered by each other") {
  auto m = agent_matrix();
  m.write("sums", R"({"id":"a","question":"1+1?","answer":"2","level":"easy"}
{"id":"b","question":"1+1?","answer":"2","level":"easy"}
)");
  auto p = m.make();
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < p.size(); ++i) all.push_back(i);
  CHECK(p.duplicates(all, {}).empty());
  m.experiment.mode = "direct_answer";
  CHECK_FALSE(m.make().duplicates(all, {}).empty());
}
