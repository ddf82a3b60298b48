#include "analysis/watch.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <random>

using namespace assay::analysis;

namespace {

constexpr int seeds = 2'000;
constexpr int answers = 1'500;

/// In how many of the seeds a stream without change ever fires. `make` gives a function that adds
/// one answer and returns the state.
double false_alarms(const std::function<std::function<watch_state()>(std::mt19937_64&)>& make) {
  int fired = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    std::mt19937_64 random(static_cast<unsigned>(seed));
    auto step = make(random);
    bool fires = false;
    for (int i = 0; i < answers && !fires; ++i) fires = step() == watch_state::firing;
    fired += fires;
  }
  return static_cast<double>(fired) / seeds;
}

/// Three standard errors above 5 % of the seeds.
constexpr double promised = 0.05;
constexpr double allowed = promised + 3 * 0.0049;
const watch_rule lenient{100, promised};

bool chance(std::mt19937_64& random, double p) {
  return std::uniform_real_distribution<>(0, 1)(random) < p;
}

}  // namespace

TEST_CASE("Fisher's exact test: tea tasting, equal shares, extremes") {
  // R: fisher.test, one-sided p 17/70 and 1/70; here twice the smaller tail
  CHECK(fisher_exact(3, 4, 1, 4) == doctest::Approx(2 * 17.0 / 70));
  CHECK(fisher_exact(4, 4, 0, 4) == doctest::Approx(2 * 1.0 / 70));
  CHECK(fisher_exact(0, 4, 4, 4) == doctest::Approx(2 * 1.0 / 70));
  CHECK(fisher_exact(50, 100, 500, 1000) == 1);
  CHECK(fisher_exact(0, 0, 5, 9) == 1);
  CHECK(fisher_exact(0, 100, 0, 100'000) == 1);
}

TEST_CASE("the rank sum test: far apart, equal, nothing to compare") {
  size_buckets small, large, none;
  for (int i = 0; i < 50; ++i) small.add(10 + i % 5), large.add(100 + i);
  CHECK(rank_sum_p(large, small) < 1e-15);
  CHECK(rank_sum_p(small, large) == doctest::Approx(rank_sum_p(large, small)));
  CHECK(rank_sum_p(small, small) == doctest::Approx(1));
  // ranks by hand: sum 32.5 (expected 42), variance 623/13 after ties, z = 9 / 6.923
  size_buckets x, y;
  for (double size : {1, 2, 4, 8, 16, 16}) x.add(size);
  for (double size : {2, 4, 8, 16, 32, 64, 64}) y.add(size);
  CHECK(rank_sum_p(x, y) == doctest::Approx(0.19357).epsilon(1e-4));
  CHECK(rank_sum_p(none, small) == 1);
  CHECK(rank_sum_p(small, none) == 1);
}

TEST_CASE("quiet streams fire no more often than the significance promises") {
  SUBCASE("shares, also rare ones") {
    for (double p : {0.02, 0.5, 0.9})
      CHECK(false_alarms([&](auto& random) {
              auto watch = std::make_shared<share_watch>(lenient);
              return [&random, watch, p] {
                watch->add(chance(random, p));
                return watch->standing().state;
              };
            }) <= allowed);
  }
  SUBCASE("sizes, with long tails and with ties") {
    for (bool ties : {false, true})
      CHECK(false_alarms([&](auto& random) {
              auto watch = std::make_shared<size_watch>(lenient);
              return [&random, watch, ties] {
                auto size = std::lognormal_distribution<>(4, 1.2)(random);
                watch->add(ties ? std::min(size, 60.0) : size);
                return watch->standing().state;
              };
            }) <= allowed);
  }
  SUBCASE("repetitions, where few texts are usual") {
    CHECK(false_alarms([&](auto& random) {
            auto watch = std::make_shared<repetition_watch>(lenient);
            return [&random, watch] {
              watch->add(std::uniform_int_distribution<std::uint64_t>(0, 20)(random));
              return watch->standing().state;
            };
          }) <= allowed);
  }
  SUBCASE("places, also of very different sizes") {
    CHECK(false_alarms([&](auto& random) {
            auto watch = std::make_shared<place_watch>(lenient);
            return [&random, watch] {
              auto place = chance(random, 0.1) ? "a" : chance(random, 0.5) ? "b" : "c";
              watch->add(place, chance(random, 0.8));
              return watch->standing().finding.state;
            };
          }) <= allowed);
  }
}

TEST_CASE("a share that drops fires with its figures, and resolves when it is back") {
  std::mt19937_64 random(7);
  share_watch watch({100, 0.001});
  int label = 0;
  auto add = [&](double p, int count) {
    for (int i = 0; i < count; ++i) watch.add(chance(random, p), std::to_string(label++));
  };
  add(0.9, 1'000);
  CHECK(watch.standing().state != watch_state::firing);
  add(0.5, 200);
  auto found = watch.standing();
  CHECK(found.state == watch_state::firing);
  CHECK(found.since == "1000");
  CHECK(found.before == doctest::Approx(0.9).epsilon(0.05));
  CHECK(found.now == doctest::Approx(0.5).epsilon(0.2));
  CHECK(found.before_n == 1'000);  // the odd window is not part of what is normal
  CHECK(found.now_n == 100);
  CHECK(found.p < 1e-10);
  add(0.9, 300);
  CHECK(watch.standing().state == watch_state::resolved);
  CHECK(watch.standing().since == "1000");
  add(0.5, 100);
  CHECK(watch.standing().state == watch_state::firing);
  CHECK(watch.standing().since == "1500");
}

TEST_CASE("a window that is odd but could be chance is pending") {
  share_watch watch({100, 0.05});
  for (int i = 0; i < 100; ++i) watch.add(i % 2 == 0, "even");
  for (int i = 0; i < 100; ++i) watch.add(i < 65, i == 0 ? "first" : "later");
  CHECK(watch.standing().state == watch_state::pending);  // p 0.046; fires at 0.025
  CHECK(watch.standing().since == "first");
  for (int i = 0; i < 100; ++i) watch.add(i % 2 == 0);
  CHECK(watch.standing().state == watch_state::quiet);
}

TEST_CASE("longer answers, repeated answers and a bad place are found") {
  std::mt19937_64 random(11);
  size_watch sizes({100, 0.001});
  auto add_sizes = [&](double median, int count) {
    for (int i = 0; i < count; ++i)
      sizes.add(std::lognormal_distribution<>(std::log(median), 0.8)(random),
                std::to_string(median));
  };
  add_sizes(100, 600);
  CHECK(sizes.standing().state != watch_state::firing);
  add_sizes(200, 100);
  CHECK(sizes.standing().state == watch_state::firing);
  CHECK(sizes.standing().since == std::to_string(200.0));
  CHECK(sizes.standing().now > 1.4 * sizes.standing().before);

  repetition_watch texts({100, 0.001});
  for (int i = 0; i < 600; ++i) texts.add(random(), "all different");
  CHECK(texts.standing().state == watch_state::quiet);
  for (int i = 0; i < 100; ++i) texts.add(chance(random, 0.4) ? 1 : random(), "many equal");
  CHECK(texts.standing().state == watch_state::firing);
  CHECK(texts.standing().since == "many equal");

  place_watch places({100, 0.001});
  for (int i = 0; i < 600; ++i) {
    std::string place = i % 3 == 0 ? "node-1" : i % 3 == 1 ? "node-2" : "node-3";
    places.add(place, chance(random, place == "node-2" ? 0.6 : 0.9), std::to_string(i));
  }
  CHECK(places.standing().place == "node-2");
  CHECK(places.standing().finding.state == watch_state::firing);
  CHECK(places.standing().finding.before == doctest::Approx(0.9).epsilon(0.05));
  CHECK(places.standing().finding.now_n == 200);
  CHECK(places.standing().finding.since == "1");
}
