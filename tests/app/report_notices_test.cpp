#include "app/report/notices.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "app/report/summary.hpp"
#include "tests/app/report_sample_run.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

using strings = std::vector<std::string>;

/// A run of one model with judges `j` and `k`; eight of ten answers are right.
struct stream {
  fake_ledger ledger = sample_run();
  watch_settings settings;

  explicit stream(storage::run_id id = 12) {
    ledger.run.id = id;
    ledger.run.started_unix_ns = id;
    set_up({"sums"});
  }

  void set_up(std::vector<std::string> datasets) {
    report::setup made_with;
    made_with.models = {{"m", "m", {"one", "two"}, {}, {}}};
    made_with.datasets = std::move(datasets);
    made_with.prompts = {"baseline"};
    made_with.judges = {{"j", "exact", 1}, {"k", "exact", 1}};
    ledger.run.setup_json = report::to_json(made_with);
  }

  /// The next answer, asked a second after the last one.
  storage::ledger_row& add() {
    auto n = ledger.kept.size();
    auto score = n * 7919 % 10 < 8 ? 1.0 : 0.0;
    auto row = answered("m", "s" + std::to_string(n), score, static_cast<double>(n));
    row.what.asked.key = row.what.got.key =
        hash_parts({std::to_string(ledger.run.id), std::to_string(n)});
    row.what.got.provider = n % 2 ? "one" : "two";
    row.what.got.reply.text = "answer " + std::to_string(n);
    row.what.got.attempts[0].usage.output = 50 + static_cast<std::int64_t>(n * 7919 % 40);
    row.verdicts = {{row.what.got.key, "j", "v", true, score, "", ""},
                    {row.what.got.key, "k", "v", true, score, "", ""}};
    ledger.kept.push_back(std::move(row));
    return ledger.kept.back();
  }

  /// The same run with its tasks in another order in the plan.
  void shuffle_plan() { std::reverse(ledger.kept.begin(), ledger.kept.end()); }

  std::vector<report::notice> find() {
    report::own_answers answers;
    REQUIRE(ledger.attempt_rows(ledger.run.id, [&](const auto& row) { answers.add(row); }));
    REQUIRE(ledger.score_rows(ledger.run.id, {"j", "k"},
                              [&](const storage::score_row& row) { answers.add(row); }));
    auto found = report::find_notices(ledger, ledger.run, answers, settings);
    REQUIRE(found);
    return *found;
  }

  strings found() {
    strings lines;
    for (const auto& n : find())
      lines.push_back(n.what + " | " + n.where + " | " + std::string(to_string(n.finding.state)) +
                      " | " + (n.against ? "run " + std::to_string(*n.against) : n.finding.since));
    return lines;
  }
};

void make_wrong(storage::ledger_row& row) {
  for (auto& v : row.verdicts) v.score = 0;
}

}  // namespace

TEST_CASE("a run in which nothing changes has nothing to notice") {
  stream all;
  for (int i = 0; i < 1'000; ++i) all.add();
  CHECK(all.found().empty());
}

TEST_CASE(
    "what changed is noticed with the sample with which it began, whatever the plan's order") {
  stream all;
  for (int i = 0; i < 1'000; ++i) {
    auto& row = all.add();
    if (i < 600) continue;
    auto& got = row.what.got;
    row.verdicts[1].score = 0;
    got.status = i % 2 ? outcome_status::refused : outcome_status::answered;
    got.attempts[0].usage.output = 2 * *got.attempts[0].usage.output;
    got.reply.text = i % 3 == 0 ? "" : i % 3 == 1 ? "the same" : got.reply.text;
    if (i % 4 == 0) got.reply.why = finish::length;
  }
  all.shuffle_plan();
  CHECK(all.found() == strings{"refusals | m | firing | s600", "empty answers | m | firing | s600",
                               "truncated answers | m | firing | s600",
                               "equal answers | m | firing | s601",
                               "answer tokens | m | firing | s600", "score | m, k | firing | s600",
                               "judges disagree | m, j and k | firing | s600"});
  all.settings.on = false;
  CHECK(all.found().empty());
}

TEST_CASE("answers are looked at in the order in which they were asked, not in which they came") {
  stream all;  // some answers take so long that it comes with those asked much later
  for (int i = 0; i < 400; ++i)
    if (auto& row = all.add(); i % 15 == 0) {
      row.what.got.attempts[0].at.done += std::chrono::seconds(200);
      row.what.got.attempts[0].usage.output = 5'000;
      make_wrong(row);
    }
  CHECK(all.found().empty());
}

TEST_CASE("the last attempt tells when an answer was asked for") {
  stream all;  // the second half of the plan was asked first, and then the first half
  for (int i = 0; i < 400; ++i) {
    auto& row = all.add();
    auto again = exchange("one", i < 200 ? 1'000 + i : i, 1);
    again.number = 2;
    row.what.got.attempts[0].error.kind = error_class::overloaded;
    row.what.got.attempts.push_back(again);
    if (i < 200) make_wrong(row);
  }
  CHECK(all.found() == strings{"score | m, j | firing | s0", "score | m, k | firing | s0"});
}

TEST_CASE("a provider or a node with worse answers is named") {
  stream all;
  std::string figure, worse;
  SUBCASE("provider") { figure = "provider", worse = "one"; }
  SUBCASE("node") { figure = "node", worse = "n2"; }
  for (int i = 0; i < 600; ++i) {
    auto& row = all.add();
    const char* nodes[] = {"", "n1", "n2"};
    row.what.got.attempts[0].from.node = nodes[i % 3];
    auto bad = figure == "node" ? i % 3 == 2 : row.what.got.provider == "one";
    if (bad && i % 4 != 0) make_wrong(row);
  }
  auto found = all.find();
  REQUIRE(found.size() == 2);
  for (const auto& n : found) {
    CHECK(n.what == figure);
    CHECK(n.finding.state == analysis::watch_state::firing);
    CHECK(n.where == (&n == &found[0] ? "m, j: " : "m, k: ") + worse);
  }
}

TEST_CASE("copied answers, errors and tasks without an attempt are left out") {
  stream all;
  for (int i = 0; i < 1'000; ++i) {
    auto& row = all.add();
    if (i < 600) continue;
    row.verdicts[1].score = 0;
    if (i % 3 == 0) row.what.got.cached = true;
    if (i % 3 == 1) row.what.got.status = outcome_status::error;
    if (i % 3 == 2) row.what.got.attempts.clear();
  }
  CHECK(all.found().empty());
}

TEST_CASE("datasets are watched apart: one after the other is no change") {
  stream all;
  for (int i = 0; i < 800; ++i) {
    auto& row = all.add();
    row.what.asked.where.dataset = i < 400 ? "easy" : "hard";
    if (i >= 400 && i / 2 % 2) make_wrong(row);
    if (i >= 600) row.what.got.status = outcome_status::refused;
  }
  CHECK(all.found() == strings{"refusals | m, hard | firing | s600"});
}

// -- against earlier runs -------------------------------------------------------------------------

TEST_CASE("a run is held against the newest earlier one that brought a window of the same cell") {
  stream now(12), few(11), other(10), right(9), older(8);
  for (int i = 0; i < 300; ++i) now.add();
  for (int i = 0; i < 99; ++i) make_wrong(few.add());
  for (int i = 0; i < 200; ++i) make_wrong(other.add());
  for (auto& row : other.ledger.kept) row.what.asked.where.dataset = "other";
  other.set_up({"other"});
  for (int i = 0; i < 200; ++i) right.add();
  for (int i = 0; i < 200; ++i) make_wrong(older.add());
  stream later(13), interrupted(9), of_another(9);
  for (auto* no_match : {&later, &interrupted, &of_another})
    for (int i = 0; i < 200; ++i) make_wrong(no_match->add());
  interrupted.ledger.run.state = storage::run_state::interrupted;
  of_another.ledger.run.experiment = "another";
  interrupted.ledger.run.id = 91;
  of_another.ledger.run.id = 92;
  now.ledger.before = {&older.ledger, &few.ledger,         &other.ledger,     &right.ledger,
                       &later.ledger, &interrupted.ledger, &of_another.ledger};
  CHECK(now.found().empty());

  for (auto& row : right.ledger.kept) make_wrong(row);
  auto found = now.find();
  CHECK(now.found() == strings{"score | m, j | firing | run 9", "score | m, k | firing | run 9"});
  CHECK(found[0].finding.before == 0);
  CHECK(found[0].finding.now == doctest::Approx(0.8));
  CHECK(found[0].finding.before_n == 200);
  CHECK(found[0].finding.now_n == 300);
}

TEST_CASE("answers that either run took from another one are not compared") {
  stream now(12), before(11);
  for (int i = 0; i < 600; ++i) {
    now.add();
    before.add();
    if (i < 300) make_wrong(now.ledger.kept.back());
    if (i >= 300) make_wrong(before.ledger.kept.back());
  }
  now.ledger.from_this_run.assign(600, true);
  before.ledger.from_this_run.assign(600, true);
  std::fill_n(now.ledger.from_this_run.begin(), 300, false);
  std::fill_n(before.ledger.from_this_run.begin() + 300, 300, false);
  now.ledger.before = {&before.ledger};
  CHECK(now.found().empty());
}

TEST_CASE("the summary tells what was noticed, and of which run") {
  stream now(12), before(11);
  for (int i = 0; i < 200; ++i) now.add(), make_wrong(before.add());
  now.ledger.before = {&before.ledger};
  auto summary = report::summarise(now.ledger, now.ledger.run);
  REQUIRE(summary);
  REQUIRE(summary->noticed.size() == 2);
  auto data = report::to_json(*summary);
  CHECK(data.find(R"("against_run":11)") != std::string::npos);
}

// -- while it goes on -----------------------------------------------------------------------------

TEST_CASE("at its end a run that was watched live stands as the summary says from the ledger") {
  stream all;
  for (int i = 0; i < 1'000; ++i) {
    auto& row = all.add();
    row.what.asked.position = static_cast<std::uint32_t>(i);
    auto& at = row.what.got.attempts[0].at;
    at.done = at.sent + std::chrono::milliseconds(i * 7919 % 20'000);  // they overtake each other
    row.what.asked.where.dataset = i % 5 == 0 ? "few" : "many";
    if (i >= 700) make_wrong(row);
    if (i >= 800) row.what.got.reply.text = i % 2 ? "" : "the same";
    if (i % 50 == 0) row.verdicts[0].scored = false;
    if (i % 70 == 0) row.what.got.status = outcome_status::error;
  }
  auto arrived = all.ledger.kept;
  std::stable_sort(arrived.begin(), arrived.end(), [](const auto& a, const auto& b) {
    return a.what.got.attempts[0].at.done < b.what.got.attempts[0].at.done;
  });
  analysis::watched_run live(report::rule_of(all.settings), {"j", "k"}, {});
  std::size_t told = 0;
  for (const auto& row : arrived) {
    live.add(row.what);
    for (const auto& v : row.verdicts) live.add(v);
    told += live.changes().size();
  }
  CHECK(told > 3);
  live.finish();

  report::own_answers answers;
  REQUIRE(all.ledger.attempt_rows(1, [&](const auto& row) { answers.add(row); }));
  REQUIRE(all.ledger.score_rows(1, {"j", "k"},
                                [&](const storage::score_row& row) { answers.add(row); }));
  auto from_ledger = answers.watch(report::rule_of(all.settings));
  auto standing = [](const analysis::watched_cells& cells) {
    strings text;
    for (const auto& [cell, watches] : cells)
      for (const auto& n : watches.standing()) {
        const auto& f = n.finding;
        text.push_back(cell.dataset + n.figure + n.judge + n.place + f.since +
                       std::string(to_string(f.state)) + std::to_string(f.before) +
                       std::to_string(f.now) + std::to_string(f.p));
      }
    return text;
  };
  CHECK(standing(live.cells()) == standing(from_ledger));
  CHECK(standing(from_ledger).size() > 3);
}
