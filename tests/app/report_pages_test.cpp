#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "app/report/html.hpp"
#include "app/report/markdown.hpp"
#include "app/report/text.hpp"
#include "tests/app/report_sample_run.hpp"

using namespace assay;
using namespace assay::report;
using namespace assay::tests;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct pages {
  std::string html;
  std::string markdown;
};

pages pages_of(fake_ledger& ledger) {
  auto summary = summarise(ledger, ledger.run);
  REQUIRE(summary);
  auto samples = choose_samples(ledger, *summary);
  REQUIRE(samples);
  auto what = describe(*summary, 100);
  return {to_html(what, *samples), to_markdown(what, *samples)};
}

/// A run whose every text tries to break out of its place.
fake_ledger hostile_run() {
  auto ledger = sample_run();
  ledger.run.experiment = "<script>alert(1)</script>";
  auto row = answered("m<img src=x onerror=alert(2)>", "id\"'><script>3</script>", 0, 0);
  row.what.got.reply.text = "</pre><script>alert(4)</script> \xff\xfe ```\nfenced\n``` | a | b |";
  row.what.asked.request.messages[1].content = "<b>bold</b> & \"quoted\" \x1b[31m";
  row.what.asked.item.tags = {"<i>tag</i>"};
  row.verdicts[0].extracted = "<u>read</u>";
  row.verdicts[0].explanation = "\xc3<s>why</s>";
  ledger.kept = {row, in_error(answered("m2", "x", 0, 1), error_class::server_error)};
  ledger.kept[1].what.got.error.message = "<html><body>502</body></html>";
  return ledger;
}

}  // namespace

TEST_CASE("nothing that a model or a service wrote becomes markup in the HTML report") {
  auto ledger = hostile_run();
  auto html = pages_of(ledger).html;
  for (const char* broken : {"<script>alert", "<img", "<b>bold", "<i>tag", "<u>read", "<s>why",
                             "<html><body>502", "</pre><script", "\x1b", "\xff", "id\"'>"})
    CHECK_FALSE(holds(html, broken));
  CHECK(holds(html, "&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;"));
  CHECK(holds(html, "&lt;html&gt;&lt;body&gt;502"));
}

TEST_CASE("the HTML report is one file that loads nothing") {
  auto ledger = sample_run();
  ledger.kept = {answered("small", "a", 1, 0), answered("small", "b", 0, 1)};
  auto html = pages_of(ledger).html;
  CHECK(html.rfind("<!DOCTYPE html>", 0) == 0);
  for (const char* outside : {"http://", "https://", "src=", "@import", "url("})
    CHECK_FALSE(holds(html, outside));
  CHECK(holds(html, "default-src 'none'"));
  CHECK(holds(html, "</html>"));
}

TEST_CASE(
    "the report shows failed samples and answers with their prompts, and how many there are") {
  auto ledger = sample_run();
  for (int i = 0; i < 9; ++i) {
    ledger.kept.push_back(answered("small", "w" + std::to_string(i), 0, i));
    ledger.kept.push_back(answered("small", "r" + std::to_string(i), 1, i));
  }
  ledger.kept.push_back(in_error(answered("large", "broken", 0, 1), error_class::timeout));
  auto refused = answered("large", "declined", 0, 1);
  refused.what.got.status = outcome_status::refused;
  refused.what.got.reply.refusal = "I cannot help with that";
  ledger.kept.push_back(refused);
  const auto shown = pages_of(ledger);
  for (const auto& page : {shown.html, shown.markdown}) {
    CHECK(holds(page, "What is 1 + 1?"));
    CHECK(holds(page, "it broke"));
    CHECK(holds(page, "I cannot help with that"));
    CHECK(holds(page, "3 of 9 are shown"));
    CHECK(holds(page, "2 of 2 are shown"));
    CHECK(holds(page, "1 of 9 are shown"));
  }
}

TEST_CASE("in Markdown a fence is longer than any in the text, and tables keep their columns") {
  auto ledger = hostile_run();
  auto markdown = pages_of(ledger).markdown;
  CHECK(holds(markdown, "````text\n</pre>"));
  CHECK(holds(markdown, "m\\<img src=x onerror=alert(2)\\>"));
  ledger.kept[0].what.asked.where.model = "a|b";
  CHECK(holds(pages_of(ledger).markdown, "| a\\|b |"));
}

TEST_CASE("a very long text is cut, and the report says by how much") {
  auto ledger = sample_run();
  auto row = answered("small", "long", 0, 0);
  row.what.got.reply.text.assign(50'000, 'x');
  ledger.kept = {row};
  const auto shown = pages_of(ledger);
  CHECK(shown.html.size() < 60'000);
  CHECK(holds(shown.html, "30,000 more bytes are left out"));
  CHECK(holds(shown.markdown, "46,000 more bytes are left out"));
}

TEST_CASE("one sample is shown in full with the time line of each attempt") {
  auto row = answered("small", "a", 1, 10, 2);
  auto limited = exchange("east", 5, 0.05, error_class::rate_limited);
  limited.error.message = "slow down\x1b[2J";
  row.what.got.attempts.insert(row.what.got.attempts.begin(), limited);
  row.what.got.attempts[1].number = 2;
  auto text = to_text(row);
  for (const char* part :
       {"sample   a", "sums / small / baseline", "[system]\n  Be brief.", "[answer]\n  2",
        "exact: 1.000, read as \"2\" (compared)", "1. east  2026-11-22T12:00:05.000000Z",
        "rate_limited  HTTP 429", "slow down\\x1b[2J", "first token 500 ms, done 2.00 s",
        "100 tokens in, 20 out, $0.0010"})
    CHECK_MESSAGE(holds(text, part), part);
  row.has_outcome = false;
  CHECK(holds(to_text(row), "outcome  none yet"));
}
