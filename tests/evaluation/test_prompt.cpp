#include "evaluation/prompt.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <kainjow/mustache.hpp>

using namespace assay;
using evaluation::prompt_template;

namespace {

sample multiple_choice() {
  sample s;
  s.id = "q1";
  s.input = "Which <colour>?";
  s.choices = {"red", "green & blue"};
  s.task_type = "art";
  s.fields = {{"context", "A \"text\"."},
              {"empty", ""},
              {"flag", "false"},
              {"messages", R"([{"role": "user", "content": "Which <colour>?"}])"}};
  return s;
}

prompt_settings user(const std::string& text) {
  prompt_settings settings;
  settings.name = "p";
  settings.user = text;
  return settings;
}

std::string rendered(const std::string& text, const sample& s = multiple_choice()) {
  auto made = prompt_template::make(user(text));
  if (!made) FAIL(render(made.error()));
  return made->render(s).back().content;
}

std::string problem_of(const prompt_settings& settings) {
  auto made = prompt_template::make(settings);
  return made ? "" : render(made.error());
}

std::string check_of(const std::string& text, const sample& s = multiple_choice()) {
  auto made = prompt_template::make(user(text));
  if (!made) FAIL(render(made.error()));
  auto good = made->check(s);
  return good ? "" : render(good.error());
}

}  // namespace

TEST_CASE("variables are filled in without HTML escaping") {
  CHECK(rendered("{{id}}: {{input}}") == "q1: Which <colour>?");
  CHECK(rendered("{{{input}}}{{& input }}") == "Which <colour>?Which <colour>?");
  CHECK(rendered("{{task_type}} {{fields.context}}") == "art A \"text\".");
  CHECK(rendered("{{choices}}") == "A) red\nB) green & blue");
  CHECK(rendered("one of {{letters}}") == "one of A,B");
  CHECK(rendered("") == "");
}

TEST_CASE("what a sample contains is never parsed as a template") {
  auto s = multiple_choice();
  s.input = "{{id}} {{#choices}} {{";
  CHECK(rendered("{{input}}", s) == "{{id}} {{#choices}} {{");
}

TEST_CASE("a section over choices repeats, over other variables it asks for a value") {
  CHECK(rendered("{{#choices}}[{{letter}}={{text}}]{{/choices}}") == "[A=red][B=green & blue]");
  CHECK(
      rendered("{{#task_type}}on {{task_type}}{{/task_type}}{{^difficulty}}none{{/difficulty}}") ==
      "on artnone");
  CHECK(rendered("{{#fields.context}}C{{/fields.context}}{{#fields.absent}}X{{/fields.absent}}"
                 "{{#fields.empty}}X{{/fields.empty}}{{#fields.flag}}X{{/fields.flag}}") == "C");
  sample plain;
  CHECK(rendered("{{#choices}}X{{/choices}}{{^choices}}open{{/choices}}", plain) == "open");
}

TEST_CASE("lines that hold only sections or comments vanish") {
  CHECK(rendered("a\n{{#choices}}\n{{letter}}\n{{/choices}}\nb") == "a\nA\nB\nb");
  CHECK(rendered("a\n  {{! note }}  \nb") == "a\nb");
  CHECK(rendered("a\r\n{{#task_type}}\r\nx\r\n{{/task_type}}\r\nb") == "a\r\nx\r\nb");
  CHECK(rendered("a {{! note }} b") == "a  b");
  CHECK(rendered("a\n\nb\n") == "a\n\nb\n");
  CHECK(rendered("{{#task_type}} {{/task_type}}\nb") == "b");
  CHECK(rendered("{{^choices}}\nno\n{{/choices}}\nyes") == "yes");  // also when not rendered
}

TEST_CASE("delimiters can be changed for texts full of braces") {
  CHECK(rendered("{{=<% %>=}}\\frac{{a}}{b} <% id %>") == "\\frac{{a}}{b} q1");
}

TEST_CASE("rendering agrees with kainjow's own renderer") {
  namespace km = kainjow::mustache;
  auto s = multiple_choice();
  km::data list{km::data::type::list};
  for (std::size_t i = 0; i < s.choices.size(); ++i) {
    km::data item;
    item.set("letter", std::string(1, static_cast<char>('A' + i)));
    item.set("text", s.choices[i]);
    list << item;
  }
  km::data data;
  data.set("input", s.input);
  data.set("id", s.id);
  data.set("task_type", s.task_type);
  data.set("choices", list);
  for (std::string text :
       {"{{input}}\n{{#choices}}\n{{letter}}) {{text}}\n{{/choices}}\n{{id}}",
        "{{#choices}}{{#task_type}}{{letter}}{{/task_type}},{{/choices}}",
        "  {{#task_type}}\n  indented {{id}}\n  {{/task_type}}\nend",
        "x\n{{#choices}} {{letter}} {{/choices}}\ny", "{{#choices}}\n\n{{text}}\n{{/choices}}"}) {
    CAPTURE(text);
    km::mustache reference(text);
    reference.set_custom_escape([](const std::string& raw) { return raw; });
    CHECK(rendered(text, s) == reference.render(data));
  }
}

TEST_CASE("the conversation is system, few-shot pairs, user") {
  auto settings = user("Q: {{input}}");
  settings.system = "You know {{task_type}}.";
  settings.few_shot = {{"Q: {{1+1}}", "2"}};
  auto messages = prompt_template::make(settings).value().render(multiple_choice());
  REQUIRE(messages.size() == 4);
  CHECK(messages[0] == chat_message{role::system, "You know art."});
  CHECK(messages[1] == chat_message{role::user, "Q: {{1+1}}"});  // examples are literal
  CHECK(messages[2] == chat_message{role::assistant, "2"});
  CHECK(messages[3] == chat_message{role::user, "Q: Which <colour>?"});
}

TEST_CASE("a prompt that would tell the answer is refused") {
  CHECK(problem_of(user("{{input}} {{target}}")) ==
        "prompt 'p', user, line 1, column 11: {{target}} would tell the model the answer (take it "
        "out)");
  auto settings = user("{{input}}");
  settings.system = "{{#targets}}x{{/targets}}";
  CHECK(problem_of(settings).find("{{targets}} would tell") != std::string::npos);
}

TEST_CASE("a variable that no sample can have is named with its place") {
  auto text = problem_of(user("a\nb {{question}}"));
  CHECK(text.rfind("prompt 'p', user, line 2, column 3: no sample has a variable 'question'", 0) ==
        0);
  CHECK(text.find("write {{fields.question}}") != std::string::npos);
  CHECK(problem_of(user("{{inptu}}")).find("did you mean {{input}}?") != std::string::npos);
  CHECK(problem_of(user("{{letter}}")).find("outside of {{#choices}}") != std::string::npos);
  CHECK(problem_of(user("{{fields.}}")) != "");
  CHECK(problem_of(user("{{}}")) != "");
  CHECK(problem_of(user("{{.}}")) != "");
}

TEST_CASE("syntax errors are placed") {
  CHECK(problem_of(user("a\n{{input")) == "prompt 'p', user: Unclosed tag at line 2, column 1");
  CHECK(problem_of(user("{{#choices}}x")) ==
        "prompt 'p', user: Unclosed section \"choices\" at line 1, column 1");
  CHECK(problem_of(user("x{{/choices}}")) ==
        "prompt 'p', user: Unopened section \"choices\" at line 1, column 2");
  CHECK(problem_of(user("{{> other}}")).find("partial") != std::string::npos);
  for (auto text : {"{{", "{{{", "{{{{", "{{=", "{{= =}}", "{{=x=}}", "{{#", "{{/}}", "{{{x}}"})
    CHECK_MESSAGE(problem_of(user(text)) != "", text);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{{#choices}}";
  CHECK(problem_of(user(deep)).find("500 sections") != std::string::npos);
}

TEST_CASE("the declaration's place stands before a problem") {
  auto settings = user("{{x}}");
  settings.declared_at = "run.toml:9:1";
  CHECK(problem_of(settings).rfind("run.toml:9:1: prompt 'p', user, line 1, column 1:", 0) == 0);
}

TEST_CASE("check names what a sample lacks") {
  sample plain;
  plain.id = "7";
  plain.fields = {{"a", "1"}, {"b", "2"}};
  CHECK(check_of("{{fields.context}}") == "");
  CHECK(
      check_of("{{fields.context}}", plain) ==
      "sample '7': prompt 'p' uses {{fields.context}}; the sample has the fields a, b (wrap it in "
      "{{#fields.context}} ... {{/fields.context}} if it is optional)");
  CHECK(check_of("{{choices}}", plain) ==
        "sample '7': prompt 'p' uses {{choices}}, which this sample does not have");
  CHECK(check_of("{{letters}}", plain) != "");
  CHECK(check_of("{{task_type}}", plain) != "");
  CHECK(check_of("{{difficulty}}") != "");
  CHECK(check_of("{{input}}{{id}}", plain) == "");
}

TEST_CASE("check lets optional parts be missing") {
  sample plain;
  CHECK(check_of("{{#fields.context}}{{fields.context}}{{/fields.context}}", plain) == "");
  CHECK(check_of("{{#choices}}{{letter}} of {{letters}}{{/choices}}", plain) != "");
  CHECK(check_of("{{#letters}}{{letters}}{{/letters}}", plain) == "");
  CHECK(check_of("{{^fields.context}}{{fields.context}}{{/fields.context}}", plain) != "");
}

TEST_CASE("a library template fills what is not set") {
  prompt_settings settings;
  settings.name = "p";
  settings.library = "finqa";
  auto messages = prompt_template::make(settings).value().render(multiple_choice());
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].content.rfind("You are a financial analyst.", 0) == 0);
  settings.user = "{{input}}";
  CHECK(prompt_template::make(settings).value().render(multiple_choice())[1].content ==
        "Which <colour>?");
  settings.system = "";
  CHECK(prompt_template::make(settings).value().render(multiple_choice()).size() == 1);
  settings.library = "finqu";
  CHECK(problem_of(settings).find("did you mean 'finqa'?") != std::string::npos);
}

TEST_CASE("a prompt without user text is a problem") {
  prompt_settings settings;
  settings.name = "p";
  CHECK(problem_of(settings) ==
        "prompt 'p': the prompt has no user text (set user = \"...\" or library = \"baseline\")");
}

TEST_CASE("every library template renders a multiple-choice sample") {
  for (auto name : evaluation::template_library()) {
    prompt_settings settings;
    settings.name = settings.library = std::string(name);
    CAPTURE(settings.name);
    auto made = prompt_template::make(settings);
    REQUIRE(made);
    CHECK(made->check(multiple_choice()));
    CHECK(made->render(multiple_choice()).back().content.find("Which <colour>?") !=
          std::string::npos);
  }
}

TEST_CASE("templates ask for the form that their judges read") {
  auto text = [](const std::string& name) {
    prompt_settings settings;
    settings.library = name;
    return prompt_template::make(settings).value().render(multiple_choice()).back().content;
  };
  CHECK(text("gsm8k").find("#### <number>") != std::string::npos);
  CHECK(text("multiple-choice")
            .find("'ANSWER: $LETTER' (without quotes) where LETTER is one of A,B.") !=
        std::string::npos);
  CHECK(text("mmlu-simple").find("'Answer: $LETTER'") != std::string::npos);
  CHECK(text("drop").rfind("Question: Which", 0) == 0);  // no passage: no empty lines
  CHECK(text("baseline") == "Which <colour>?");
}

namespace {

prompt_settings conversation(std::optional<std::string> text = std::nullopt) {
  prompt_settings settings;
  settings.name = "talk";
  settings.library = "conversation";
  settings.user = std::move(text);
  return settings;
}

sample with_messages(const std::string& json) {
  sample s;
  s.id = "q1";
  s.input = "x";
  s.fields = {{"messages", json}};
  return s;
}

}  // namespace

TEST_CASE("a conversation of the sample is sent as it is") {
  auto made = prompt_template::make(conversation());
  REQUIRE(made);
  auto s = with_messages(R"([{"role":"system","content":"Be {{brief}}."},
      {"role":"user","content":[{"type":"text","text":"Hi"},{"type":"text","text":"!"}]},
      {"role":"assistant","content":"Yes?"},{"role":"user","content":"2+2","name":"x"}])");
  REQUIRE(made->check(s));
  std::vector<chat_message> wanted = {{role::system, "Be {{brief}}."},
                                      {role::user, "Hi!"},
                                      {role::assistant, "Yes?"},
                                      {role::user, "2+2"}};
  CHECK(made->render(s) == wanted);
}

TEST_CASE("a conversation of templates is filled in, whatever the sample's text holds") {
  auto made = prompt_template::make(conversation(
      R"([{"role":"developer","content":"Speak {{fields.tone}}."},{"role":"user","content":"{{input}}"}])"));
  REQUIRE(made);
  sample s;
  s.input = "\"quoted\"\n{{id}}";
  CHECK_FALSE(made->check(s));
  s.fields = {{"tone", "softly"}};
  CHECK(made->check(s));
  std::vector<chat_message> wanted = {{role::system, "Speak softly."}, {role::user, s.input}};
  CHECK(made->render(s) == wanted);
}

TEST_CASE("what is no conversation is a problem of the sample") {
  auto made = prompt_template::make(conversation());
  REQUIRE(made);
  auto problem = [&](const char* json) {
    auto good = made->check(with_messages(json));
    return good ? "" : render(good.error());
  };
  CHECK(problem("hello").find("sample 'q1': prompt 'talk': the text is no conversation") == 0);
  CHECK(problem("[]").find("no conversation") != std::string::npos);
  CHECK(problem("[7]").find("message 1 of the conversation has no role") != std::string::npos);
  CHECK(problem(R"([{"role":"tool","content":""}])").find("has the role 'tool'") !=
        std::string::npos);
  CHECK(problem(R"([{"role":"user","content":[{"type":"image_url"}]}])")
            .find("holds more than text") != std::string::npos);
  CHECK(problem(R"([{"role":"user"}])").find("has no content") != std::string::npos);
}
