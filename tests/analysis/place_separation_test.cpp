#include "analysis/place_separation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

using namespace assay::analysis;

namespace {

/// Three places with round trips of 1, 21 and 81 ms and clients of 0.2, 0.2 and 5.2 ms; the
/// provider takes 300 ms, in some rounds 500.
struct planted {
  std::size_t rounds = 60;
  double noise = 2;
  std::vector<double> network{1, 21, 81}, client{0.2, 0.2, 5.2};
  std::vector<std::size_t> slow{};

  std::vector<placed_time> times(std::uint64_t seed = 1) const {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> chance(0, noise);
    std::vector<placed_time> all;
    for (std::size_t r = 0; r < rounds; ++r) {
      auto provider = std::find(slow.begin(), slow.end(), r) == slow.end() ? 300.0 : 500.0;
      for (std::size_t p = 0; p < network.size(); ++p)
        all.push_back(
            {r, p, provider + network[p] + client[p] + chance(random), client[p], network[p]});
    }
    return all;
  }
};

}  // namespace

TEST_CASE("what is planted in places is found, and of it what is client and what is network") {
  planted world;
  auto s = separate(world.times(), world.rounds, 3, 1);
  REQUIRE(s.nearest == 0);
  const auto& far = s.places[2];
  CHECK(s.places[1].further == doctest::Approx(20).epsilon(0.05));
  CHECK(far.further == doctest::Approx(85).epsilon(0.02));
  CHECK(far.by_client == doctest::Approx(5));
  CHECK(far.by_network == doctest::Approx(80));
  CHECK(std::abs(far.by_rest) < 1.5);
  REQUIRE(far.interval);
  CHECK(far.interval->first < 85);
  CHECK(far.interval->second > 85);
  CHECK(far.interval->second - far.interval->first < 4);
  CHECK(far.told_apart());
  CHECK_FALSE(s.places[0].interval);
}

TEST_CASE(
    "a slow moment of the provider is the round's, not a place's, and nobody's way is in it") {
  planted world{.noise = 0, .slow = {7, 8, 30}};
  auto s = separate(world.times(), world.rounds, 3, 1);
  CHECK(*s.provider[0] == doctest::Approx(300));
  CHECK(*s.provider[7] == doctest::Approx(500));
  CHECK(s.places[1].further == doctest::Approx(20));
  REQUIRE(s.variance);
  CHECK(s.variance->rows_used == 60);
  CHECK(s.variance->residual == doctest::Approx(0));
  // 3 of 60 are 200 above: 200^2 * (57 / 60) * 3 / 59
  CHECK(s.variance->rows == doctest::Approx(40'000.0 * 57 / 60 * 3 / 59));
}

TEST_CASE("a place that misses rounds is compared by those that it has") {
  planted world{.noise = 0, .slow = {0, 1, 2}};
  auto times = world.times();
  std::erase_if(times, [](const placed_time& t) { return t.place == 2 && t.round > 10; });
  auto s = separate(times, world.rounds, 3, 1);
  CHECK(s.places[2].values == 11);
  CHECK(s.places[2].further == doctest::Approx(85));
  CHECK(s.rounds == 60);
}

TEST_CASE("places without a round in common are not compared") {
  planted world;
  auto times = world.times();
  std::erase_if(times, [](const placed_time& t) { return (t.place == 2) != (t.round < 10); });
  auto s = separate(times, world.rounds, 3, 1);
  CHECK(s.places_compared() == 2);
  CHECK_FALSE(s.places[2].compared);
  CHECK(s.places[2].network == 81);
  CHECK(s.rounds == 50);
  CHECK_FALSE(s.provider[3]);
}

TEST_CASE("one place is told by what was measured, without a comparison") {
  planted world{.noise = 0, .network = {21}, .client = {0.2}};
  auto s = separate(world.times(), world.rounds, 1, 1);
  CHECK(s.places_compared() == 1);
  CHECK(*s.provider[5] == doctest::Approx(300));
  CHECK_FALSE(s.places[0].interval);
  CHECK_FALSE(s.variance);
}

TEST_CASE("below six rounds there is no interval, and without values there is nothing") {
  planted world{.rounds = 5};
  CHECK_FALSE(separate(world.times(), 5, 3, 1).places[1].interval);
  world.rounds = 6;
  CHECK(separate(world.times(), 6, 3, 1).places[1].interval);
  CHECK_FALSE(separate({}, 5, 3, 1).nearest);
}

TEST_CASE("places that are alike are not told apart, and it is said how many rounds might") {
  planted world{.noise = 20, .network = {1, 2}, .client = {0.2, 0.2}};
  auto s = separate(world.times(), world.rounds, 2, 1);
  const auto& other = s.places[*s.nearest == 0 ? 1 : 0];
  CHECK_FALSE(other.told_apart());
  REQUIRE(other.rounds_needed);
  CHECK(*other.rounds_needed > world.rounds);
}

TEST_CASE("the interval holds what was planted about as often as it says") {
  planted world{.rounds = 30, .noise = 10};
  int held = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    auto s = separate(world.times(seed), world.rounds, 3, seed);
    const auto& i = s.places[2].interval;
    held += i->first <= 85 && i->second >= 85;
  }
  CHECK(held >= 88);
  CHECK(held <= 100);
}
