#include "analysis/answer_watches.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <random>
#include <set>

using namespace assay;
using namespace assay::analysis;

namespace {

/// How often answers are what.
struct habits {
  double refused = 0.03, empty = 0.02, truncated = 0.05, right = 0.8, equal = 0.1;
  double judges_differ = 0.1;
  double length = 100;  ///< median
  double right_at_b = 0.8;
};

struct judged_answer {
  watched_answer what;
  answer_scores scores;
};

/// Draws answers of samples one after the other.
class answer_source {
 public:
  explicit answer_source(std::uint64_t seed) : random_(seed) {}

  judged_answer next(const habits& h) {
    judged_answer a;
    a.what.sample = "s" + std::to_string(samples_++);
    a.what.status = chance(h.refused) ? outcome_status::refused : outcome_status::answered;
    a.what.truncated = chance(h.truncated);
    if (!chance(h.empty)) a.what.text = static_cast<std::int64_t>(chance(h.equal) ? 1 : random_());
    a.what.output_tokens =
        1 + std::lround(std::lognormal_distribution<>(std::log(h.length), 0.8)(random_));
    a.what.provider = chance(0.5) ? "one" : "two";
    a.what.node = chance(0.3) ? "b" : "";
    bool right = chance(a.what.node == "b" ? h.right_at_b : h.right);
    a.scores = {{"j", right}, {"k", right != chance(h.judges_differ)}};
    return a;
  }

 private:
  bool chance(double p) { return std::uniform_real_distribution<>(0, 1)(random_) < p; }

  std::mt19937_64 random_;
  int samples_ = 0;
};

void add(answer_watches& to, const judged_answer& a) {
  if (to.add(a.what)) to.add_scores(a.what, a.scores);
}

void add(answer_watches& to, answer_source& from, const habits& h, int count) {
  for (int i = 0; i < count; ++i) add(to, from.next(h));
}

using strings = std::vector<std::string>;

strings lines(const std::vector<noticed>& all) {
  strings text;
  for (const auto& n : all)
    text.push_back(n.figure + "|" + n.judge + "|" + n.place + "|" +
                   std::string(to_string(n.finding.state)) + "|" + n.finding.since);
  return text;
}

/// What fires when answers change their habits after 600; 300 more follow.
strings fires_after(const habits& changed) {
  answer_watches watches({100, 0.001});
  answer_source source(3);
  add(watches, source, {}, 600);
  CHECK(watches.standing().empty());
  add(watches, source, changed, 300);
  return lines(watches.standing());
}

constexpr int seeds = 1'000;
constexpr double promised = 0.05;
/// Three standard errors above it.
constexpr double allowed = promised + 3 * 0.0069;

}  // namespace

TEST_CASE("each figure of a run without change fires no more often than promised") {
  int epochs = 1;
  SUBCASE("samples asked once") {}
  SUBCASE("samples asked four times in a row, with answers that are alike") { epochs = 4; }
  std::map<std::string, int> fired;
  for (int seed = 0; seed < seeds; ++seed) {
    answer_watches watches({100, promised});
    answer_source source(static_cast<std::uint64_t>(seed));
    std::set<std::string> firing;
    for (int i = 0; i < 1'200; ++i) {
      auto answer = source.next({});
      for (int epoch = 0; epoch < epochs; ++epoch) add(watches, answer);
      if (i % 100 == 99)
        for (const auto& n : watches.changes())
          if (n.finding.state == watch_state::firing) firing.insert(n.figure + n.judge);
    }
    for (const auto& figure : firing) ++fired[figure];
  }
  for (const auto& [figure, times] : fired) {
    INFO(figure);
    CHECK(static_cast<double>(times) / seeds <= allowed);
  }
}

TEST_CASE("what changes is found within three windows, and only that") {
  CHECK(fires_after({.refused = 0.3}) == strings{"refusals|||firing|s600"});
  CHECK(fires_after({.empty = 0.3}) == strings{"empty answers|||firing|s600"});
  CHECK(fires_after({.truncated = 0.4}) == strings{"truncated answers|||firing|s600"});
  CHECK(fires_after({.length = 200}) == strings{"answer tokens|||firing|s600"});
  CHECK(fires_after({.judges_differ = 0.5, .right_at_b = 0.8}).back() ==
        "judges disagree|j and k||firing|s600");
  auto worse = fires_after({.right = 0.45, .right_at_b = 0.45});
  CHECK(worse == strings{"score|j||firing|s600", "score|k||firing|s600"});
}

TEST_CASE("equal answers to different samples are found; to the same sample they are usual") {
  auto found = fires_after({.equal = 0.6});
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("equal answers|||firing|") == 0);

  answer_watches watches({100, 0.001});
  answer_source source(5);
  for (int i = 0; i < 900; ++i) {
    auto answer = source.next({.equal = 0});
    for (int epoch = 0; epoch < (i < 600 ? 1 : 4); ++epoch) add(watches, answer);
  }
  CHECK(watches.standing().empty());
}

TEST_CASE("a node that answers worse is named, and the coordinator is one") {
  auto worse = [](double right, double right_at_b) {
    answer_watches watches({100, 0.001});
    answer_source source(7);
    add(watches, source, {.right = right, .judges_differ = 0, .right_at_b = right_at_b}, 600);
    strings places;
    for (const auto& n : watches.standing()) {
      CHECK(n.finding.now < n.finding.before);
      places.push_back(n.figure + " " + n.judge + " " + n.place + " " +
                       std::string(to_string(n.finding.state)));
    }
    return places;
  };
  CHECK(worse(0.9, 0.5) == strings{"node j b firing", "node k b firing"});
  CHECK(worse(0.5, 0.9) == strings{"node j coordinator firing", "node k coordinator firing"});
}

TEST_CASE("answers without a digest are empty only once there was a text") {
  answer_source source(9);
  answer_watches older({100, 0.001});
  for (int i = 0; i < 900; ++i) {
    auto answer = source.next({.empty = 0});
    if (i < 600) answer.what.text.reset();  // in a ledger of an older assay
    add(older, answer);
  }
  CHECK(older.standing().empty());
  CHECK(older.totals().answers() == 900);
}

TEST_CASE("a change is told once, and again when it is over") {
  answer_watches watches({100, 0.001});
  answer_source source(11);
  add(watches, source, {}, 600);
  CHECK(watches.changes().empty());
  add(watches, source, {.refused = 0.4}, 100);
  CHECK(lines(watches.changes()) == strings{"refusals|||firing|s600"});
  add(watches, source, {.refused = 0.4}, 100);
  CHECK(watches.changes().empty());
  add(watches, source, {}, 200);
  CHECK(lines(watches.changes()) == strings{"refusals|||resolved|s600"});
  CHECK(watches.changes().empty());
}

// -- against an earlier run -----------------------------------------------------------------------

namespace {

answer_totals totals(std::uint64_t seed, const habits& h, int count) {
  answer_watches watches({100, 0.001});
  answer_source source(seed);
  add(watches, source, h, count);
  return watches.totals();
}

strings differences(const habits& now) {
  return lines(totals(1, now, 300).against(totals(4, {}, 500), 0.001));
}

}  // namespace

TEST_CASE("runs that are alike differ no more often than promised") {
  std::map<std::string, int> fired;
  for (int seed = 0; seed < seeds; ++seed) {
    auto now = totals(static_cast<std::uint64_t>(seed), {}, 150);
    auto before = totals(static_cast<std::uint64_t>(seed + seeds), {}, 300);
    for (const auto& n : now.against(before, promised))
      if (n.finding.state == watch_state::firing) ++fired[n.figure + n.judge];
  }
  CHECK(fired.size() > 3);
  for (const auto& [figure, times] : fired) {
    INFO(figure);
    CHECK(static_cast<double>(times) / seeds <= allowed);
  }
}

TEST_CASE("what differs from an earlier run is told by figure") {
  CHECK(differences({}).empty());
  CHECK(differences({.refused = 0.2}) == strings{"refusals|||firing|"});
  CHECK(differences({.empty = 0.2}) == strings{"empty answers|||firing|"});
  CHECK(differences({.truncated = 0.2}) == strings{"truncated answers|||firing|"});
  CHECK(differences({.length = 150}) == strings{"answer tokens|||firing|"});
  CHECK(differences({.right = 0.6, .right_at_b = 0.6}) ==
        strings{"score|j||firing|", "score|k||firing|"});
}

TEST_CASE("a judge that the earlier run lacks, and answers without digests, are not compared") {
  answer_watches older({100, 0.001});
  answer_source source(13);
  for (int i = 0; i < 300; ++i) {
    auto answer = source.next({.empty = 0});
    answer.what.text.reset();
    answer.scores = {{"l", 0.0}};
    add(older, answer);
  }
  CHECK(totals(1, {}, 300).against(older.totals(), 0.001).empty());
}
