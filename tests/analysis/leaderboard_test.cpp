#include "analysis/leaderboard.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "analysis/random_stream.hpp"

using namespace assay::analysis;

using letters = std::vector<std::vector<std::string>>;

TEST_CASE("entries that cannot be told apart share a letter") {
  const double means[] = {0.9, 0.88, 0.85, 0.7};
  auto apart = [&](std::size_t i, std::size_t j) { return std::fabs(means[i] - means[j]) > 0.04; };
  CHECK(letter_groups(4, apart) == letters{{"a"}, {"a", "b"}, {"b"}, {"c"}});
}

TEST_CASE("all alike is one group, all different is one each") {
  CHECK(letter_groups(3, [](auto, auto) { return false; }) == letters{{"a"}, {"a"}, {"a"}});
  CHECK(letter_groups(3, [](auto, auto) { return true; }) == letters{{"a"}, {"b"}, {"c"}});
  CHECK(letter_groups(1, [](auto, auto) { return true; }) == letters{{"a"}});
  CHECK(letter_groups(0, [](auto, auto) { return true; }).empty());
}

TEST_CASE("after z comes aa") {
  CHECK(letter_groups(28, [](auto, auto) { return true; }).back() ==
        std::vector<std::string>{"ab"});
}

TEST_CASE("two entries share a letter exactly if they are not distinguishable") {
  random_stream random(4);
  for (int repetition = 0; repetition < 200; ++repetition) {
    constexpr std::size_t n = 7;
    bool apart[n][n];
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i; j < n; ++j) apart[i][j] = apart[j][i] = i != j && random() % 2;
    const auto groups = letter_groups(n, [&](auto i, auto j) { return apart[i][j]; });
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        const std::set<std::string> mine(groups[i].begin(), groups[i].end());
        bool shared = false;
        for (const auto& letter : groups[j]) shared = shared || mine.contains(letter);
        CHECK(shared != apart[i][j]);
      }
  }
}
