#include "app/report/text.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "app/report/clean_text.hpp"
#include "app/report/figures.hpp"
#include "app/report/text_of_task.hpp"
#include "tests/app/report_sample_run.hpp"

using namespace assay;
using namespace assay::report;
using namespace assay::tests;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t widest_line(const std::string& text) {
  std::size_t most = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) most = std::max(most, columns_of(line));
  return most;
}

}  // namespace

TEST_CASE("figures read as people write them") {
  CHECK(show_count(0) == "0");
  CHECK(show_count(999) == "999");
  CHECK(show_count(1319) == "1,319");
  CHECK(show_count(1234567) == "1,234,567");
  CHECK(show_seconds(0) == "0 s");
  CHECK(show_seconds(0.085) == "85 ms");
  CHECK(show_seconds(0.9999) == "1.00 s");
  CHECK(show_seconds(12.34) == "12.3 s");
  CHECK(show_seconds(725) == "12 min 05 s");
  CHECK(show_seconds(3600 * 3 + 60 * 12) == "3 h 12 min");
  CHECK(show_usd({0}) == "$0");
  CHECK(show_usd({0.0123}) == "$0.0123");
  CHECK(show_usd({1234.5}) == "$1,234.50");
  CHECK(show_utc(1'795'348'800'000'000'000) == "2026-11-22 12:00:00 UTC");
  CHECK(show_utc(0) == "-");
}

TEST_CASE("coverage is shown as whole only if it is whole") {
  CHECK(show_percent(1) == "100 %");
  CHECK(show_percent(0.9999) == ">99.9 %");
  CHECK(show_percent(0.995) == "99.5 %");
  CHECK(show_percent(0.0001) == "<0.1 %");
  CHECK(show_percent(0) == "0 %");
}

TEST_CASE("what a terminal would obey is shown instead") {
  CHECK(for_terminal("a\x1b[31mred\x07") == "a\\x1b[31mred\\x07");
  CHECK(for_terminal("line\n\ttab\r") == "line\n\ttab\\x0d");
  CHECK(for_terminal("\xc2\x9b"
                     "1m") == "\\x9b1m");
  CHECK(for_terminal("a\xe2\x80\xae"
                     "b") == "a\\u202eb");
  CHECK(for_terminal("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
}

TEST_CASE("bytes that are not UTF-8 become the replacement character") {
  const std::string r = "\xef\xbf\xbd";
  CHECK(valid_utf8("ok \xe4\xbd\xa0 \xf0\x9f\x98\x80") == "ok \xe4\xbd\xa0 \xf0\x9f\x98\x80");
  CHECK(valid_utf8("\xff") == r);
  CHECK(valid_utf8("a\xc3") == "a" + r);
  CHECK(valid_utf8("\xc0\xaf") == r + r);                  // overlong
  CHECK(valid_utf8("\xed\xa0\x80") == r + r + r);          // surrogate
  CHECK(valid_utf8("\xf4\x90\x80\x80") == r + r + r + r);  // above U+10FFFF
  CHECK(valid_utf8("\xe4\xbd"
                   "x") == r + r + "x");
}

TEST_CASE("a line is cut between characters and says that it is cut") {
  CHECK(one_line("short", 10) == "short");
  CHECK(one_line("two\nlines", 10) == "two lines");
  CHECK(one_line("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 4) == "\xc3\xbc\xc3\xbc..");
}

TEST_CASE("the summary of a run fits 80 columns whatever the names are") {
  auto ledger = sample_run();
  const std::string model(120, 'm');
  for (int i = 0; i < 3; ++i) {
    ledger.kept.push_back(answered(model, std::to_string(i), 1, i));
    ledger.kept.push_back(answered(std::string(90, 'x') + "\xc3\xa9", std::to_string(i), 0, i));
    ledger.kept.back().what.asked.item.tags = {std::string(200, 't'), "a\x1b[2J"};
  }
  ledger.kept.push_back(in_error(answered(model, "e", 0, 9), error_class::context_too_long));
  auto text = to_text(*summarise(ledger, ledger.run));
  CHECK(widest_line(text) <= 80);
  CHECK_FALSE(holds(text, "\x1b"));
}

TEST_CASE("the summary names scores with coverage, the limit that binds, and what went wrong") {
  auto ledger = sample_run();
  auto made_with = *setup_from_json(ledger.run.setup_json);
  made_with.thresholds = {{"exact", 0.9}};
  ledger.run.setup_json = to_json(made_with);
  for (int i = 0; i < 4; ++i) ledger.kept.push_back(answered("small", std::to_string(i), i % 2, i));
  ledger.kept.push_back(in_error(answered("small", "e", 0, 9), error_class::overloaded));
  auto text = to_text(*summarise(ledger, ledger.run));
  CHECK(holds(text, "quick, run 12"));
  CHECK(holds(text, "4 answered, 1 in error"));
  CHECK(holds(text, "exact  0.500"));
  CHECK(holds(text, "80.0 %"));
  CHECK(holds(text, "rpm of east"));
  CHECK(holds(text, "overloaded"));
  CHECK(holds(text, "threshold missed: exact is 0.500, wanted at least 0.900"));
  CHECK(holds(text, "too few samples for a claim"));
}

TEST_CASE("advice to raise a limit is given only where the limit explains the time") {
  for (int apart_s : {1, 1'000}) {
    auto ledger = sample_run();
    for (int i = 0; i < 4; ++i)
      ledger.kept.push_back(answered("small", std::to_string(i), true, apart_s * i));
    auto text = to_text(*summarise(ledger, ledger.run));
    CHECK(holds(text, "raising it is what") == (apart_s == 1));
    CHECK(holds(text, "something else took") == (apart_s == 1'000));
  }
}

TEST_CASE("each judge has its own cuts, and a cut that says nothing new is not shown") {
  auto ledger = sample_run();
  for (int i = 0; i < 8; ++i) {
    ledger.kept.push_back(answered(i % 2 ? "small" : "large", std::to_string(i), i < 7, i));
    auto& row = ledger.kept.back();
    row.verdicts.push_back({row.what.asked.key, "includes", "v", true, 1, "", ""});
  }
  auto text = to_text(*summarise(ledger, ledger.run));
  CHECK(holds(text, "exact by model\n"));
  CHECK(holds(text, "includes by model\n"));
  CHECK_FALSE(holds(text, "by dataset"));
  CHECK_FALSE(holds(text, "by task type"));
  CHECK(text.find("exact by model") == text.rfind("exact by model"));
}

TEST_CASE("an interval is shown within the scores that exist") {
  auto ledger = sample_run();
  for (int i = 0; i < 10; ++i)
    ledger.kept.push_back(answered("small", std::to_string(i), i > 0, i));
  auto text = to_text(*summarise(ledger, ledger.run));
  CHECK(holds(text, "0.674 - 1.000"));  // 0.9 -+ 2.262157 * 0.1
}

TEST_CASE("rows that are left out are named") {
  auto ledger = sample_run();
  for (int i = 0; i < 40; ++i) {
    ledger.kept.push_back(answered("small", std::to_string(i), 1, i));
    ledger.kept.back().what.asked.item.tags = {"tag" + std::to_string(i)};
  }
  CHECK(holds(to_text(*summarise(ledger, ledger.run)), "16 more rows are left out"));
}

TEST_CASE("the steps of an agent are shown as one conversation, with calls and their results") {
  const std::vector<tool_call> first{{"a", "search", R"({"query":"lamp"})"},
                                     {"b", "calculator", R"({"expression":"1 +"})"}};
  storage::ledger_row row;
  row.has_outcome = true;
  row.what.asked.request.messages = {{role::user, "How much?", {}, {}}};
  row.what.got.reply.text = "42";
  row.what.got.reply.why = finish::stop;
  storage::ledger_row one = row, two = row;
  attempt tried;
  tried.number = 1;
  tried.provider = "lab";
  one.what.got.attempts = two.what.got.attempts = {tried};
  auto& talk = two.what.asked.request.messages;
  talk.push_back({role::assistant, "I look.", first, {}});
  talk.push_back({role::tool, "[1] Price list", {}, "a"});
  talk.push_back({role::tool, "Error: character 4", {}, "b"});
  storage::ledger_row vectors = row, question = row;
  vectors.what.asked.request.to = endpoint::embeddings;
  vectors.what.asked.request.messages.resize(9);
  question.what.asked.where = {"d", "grader", "panel", "", "", "judge"};
  question.what.got.reply.text = "It is right.\n\nGRADE: C\n";
  auto text = to_text(row, {{vectors, one, two}, {question}});
  CHECK(holds(text,
              "\n[user]\n  How much?\n"
              "\n[step 1]\n  I look.\n  -> search {\"query\":\"lamp\"}\n"
              "  -> calculator {\"expression\":\"1 +\"}\n"
              "\n[result of search]\n  [1] Price list\n"
              "\n[result of calculator]\n  Error: character 4\n"
              "\n[answer]\n  42\n"));
  CHECK(holds(text, "\n  step 2, answered, finish stop\n  1. lab  "));
  CHECK(holds(text, "\n  step 3, answered, finish stop\n  1. lab  "));
  CHECK(holds(text,
              "\nquestions of judges\n"
              "  panel to grader, answered, finish stop: \"GRADE: C\"\n"));
}

TEST_CASE("an agent that reached a limit is shown with it and with the calls that were left") {
  storage::ledger_row row;
  row.has_outcome = true;
  row.what.got.reply.why = finish::tool_calls;
  row.what.got.reply.finish_reason = "max_steps";
  row.what.got.reply.calls = {{"a", "search", "{}"}};
  CHECK(holds(to_text(row), "outcome  answered, finish max_steps\n"));
  CHECK(holds(to_text(row), "\n[answer]\n  -> search {}\n"));
}
