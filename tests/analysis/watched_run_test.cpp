#include "analysis/watched_run.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace assay;
using namespace assay::analysis;

namespace {

using strings = std::vector<std::string>;

/// Gives numbers out as they are asked for at second n and come at another one.
struct number_stream {
  sent_order<int> order;
  std::vector<int> out;

  void add(double sent, double done, int n, bool at_once = false) {
    auto ns = [](double s) { return static_cast<std::int64_t>(s * 1e9); };
    order.add(ns(sent), ns(done), static_cast<std::uint32_t>(n), at_once, n);
    order.release([this](int taken) { out.push_back(taken); });
  }
};

/// Answer `n`, asked for at second n and given a second later.
record answer_of(int n, outcome_status status = outcome_status::answered, double took_s = 1) {
  record r;
  r.asked.key = r.got.key = hash_parts({std::to_string(n)});
  r.asked.where = {"sums", "m", "plain", "", "", ""};
  r.asked.item.id = "s" + std::to_string(n);
  r.asked.position = static_cast<std::uint32_t>(n);
  r.got.status = status;
  r.got.reply.text = "answer " + std::to_string(n);
  attempt tried;
  tried.at.sent = instant{std::chrono::seconds(1'000 + n)};
  tried.at.done = tried.at.sent + from_seconds(took_s);
  tried.usage.output = 50 + n * 7919 % 40;
  r.got.attempts = {tried};
  return r;
}

verdict judged(int n, const std::string& judge, double score) {
  verdict v;
  v.key = hash_parts({std::to_string(n)});
  v.judge = judge;
  v.scored = true;
  v.score = score;
  return v;
}

double usual(int n) { return n * 7919 % 10 < 8; }

strings lines(const std::vector<watched_run::change>& all) {
  strings text;
  for (const auto& c : all)
    text.push_back(c.where.model + " " + c.what.figure + " " + c.what.judge + " " +
                   std::string(to_string(c.what.finding.state)) + " " + c.what.finding.since);
  return text;
}

}  // namespace

// -- order ----------------------------------------------------------------------------------------

TEST_CASE("answers come out in the order in which they were asked, after four mean times") {
  number_stream s;
  s.add(0, 1, 0);
  s.add(2, 3, 2);
  s.add(1, 3.5, 1);  // slower, so it comes after 2
  CHECK(s.out.empty());
  for (int n = 3; n < 12; ++n) s.add(n, n + 1, n);
  CHECK(s.out == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(s.order.held() == 4);
  s.order.release_all([&](int n) { s.out.push_back(n); });
  CHECK(s.out.size() == 12);
  CHECK(std::is_sorted(s.out.begin(), s.out.end()));
}

TEST_CASE("an answer that comes later than anyone would wait for comes out at once") {
  number_stream s;
  for (int n = 1; n < 100; ++n) s.add(n, n + 1, n);
  auto before = s.out.size();
  s.add(0, 100.5, 0);
  CHECK(s.out.size() > before);
  CHECK(s.out[before] == 0);
}

TEST_CASE("answers of one moment come out in the order of their positions") {
  number_stream s;
  for (int n : {2, 0, 1}) s.add(5, 6, n);
  s.add(60, 61, 9);
  CHECK(s.out == std::vector<int>{0, 1, 2});
}

TEST_CASE("answers of a provider's batch are not held") {
  number_stream s;
  s.add(0, 40'000, 1, true);
  s.add(0, 40'000, 2, true);
  CHECK(s.out == std::vector<int>{1, 2});
}

TEST_CASE("no more answers are held than are under way in four mean times") {
  number_stream s;
  std::mt19937_64 random(3);
  std::vector<std::pair<double, int>> by_end;  // 50 a second, one second each: 50 under way
  for (int n = 0; n < 20'000; ++n)
    by_end.emplace_back(n / 50.0 + std::exponential_distribution<>(1)(random), n);
  std::sort(by_end.begin(), by_end.end());
  std::size_t most = 0;
  for (auto [done, n] : by_end) {
    s.add(n / 50.0, done, n);
    most = std::max(most, s.order.held());
  }
  CHECK(most < 250);
}

// -- a run ----------------------------------------------------------------------------------------

TEST_CASE("a figure that changes while the run goes on is told once, and when it is over") {
  watched_run run({100, 0.001}, {"j"}, {});
  strings told;
  for (int n = 0; n < 1'200; ++n) {
    bool bad = n >= 500 && n < 700;
    run.add(answer_of(n));
    run.add(judged(n, "j", bad ? 0 : usual(n)));
    for (auto& line : lines(run.changes())) told.push_back(line + " at " + std::to_string(n));
  }
  CHECK(told == strings{"m score j firing s500 at 603", "m score j resolved s500 at 803"});
}

TEST_CASE("verdicts count whenever they come, and no answer waits for those that never do") {
  watched_run run({100, 0.001}, {"j", "k"}, {});
  for (int n = 0; n < 1'000; ++n) {
    run.add(answer_of(n, n >= 800 ? outcome_status::refused : outcome_status::answered));
    if (n >= 500) run.add(judged(n - 500, "j", usual(n)));
    if (n >= 500 && n % 5 != 0) run.add(judged(n - 500, "k", usual(n)));
  }
  CHECK(lines(run.changes()) == strings{"m refusals  firing s800"});
  CHECK(run.cells().begin()->second.standing().size() == 1);
  for (int n = 500; n < 1'000; ++n) {
    run.add(judged(n, "j", 0));
    run.add(judged(n, "k", usual(n)));
  }
  CHECK(lines(run.changes()) ==
        strings{"m score j firing s500", "m judges disagree j and k firing s500"});
}

TEST_CASE("errors, copies and verdicts of other judges or answers are not looked at") {
  watched_run run({100, 0.001}, {"j"}, {});
  for (int n = 0; n < 1'000; ++n) {
    auto r = answer_of(n);
    if (n >= 500) {
      r.got.reply.text.clear();
      if (n % 3 == 0) r.got.status = outcome_status::error;
      if (n % 3 == 1) r.got.cached = true;
      if (n % 3 == 2) r.got.attempts.clear();
    }
    run.add(r);
    run.add(judged(n, "j", n < 500 ? usual(n) : 0));
    run.add(judged(n, "other", n < 500));
  }
  run.finish();
  CHECK(run.changes().empty());
  CHECK(run.cells().begin()->second.totals().answers() == 500);
}

TEST_CASE("a run that goes on knows what it brought before, and does not tell it again") {
  watched_run first({100, 0.001}, {"j"}, {});
  for (int n = 0; n < 700; ++n) {
    first.add(answer_of(n, n >= 500 ? outcome_status::refused : outcome_status::answered));
    first.add(judged(n, "j", usual(n)));
  }
  first.finish();
  CHECK(lines(first.changes()) == strings{"m refusals  firing s500"});

  watched_run second({100, 0.001}, {"j"}, first.cells());
  for (int n = 700; n < 900; ++n) {
    second.add(answer_of(n, outcome_status::refused));
    second.add(judged(n, "j", 0));
  }
  second.finish();
  CHECK(lines(second.changes()) == strings{"m score j firing s700"});
}
