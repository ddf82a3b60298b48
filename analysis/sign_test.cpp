#include "analysis/sign_test.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "analysis/random_stream.hpp"

namespace assay::analysis {

namespace {

/// Totals that differ by rounding only are equal.
constexpr double rounding = 1e-9;

/// Every pattern once, in Gray code order: one sign changes from each to the next.
double share_of_all_patterns(std::vector<double> sums, double total, double least) {
  const std::uint64_t patterns = std::uint64_t{1} << sums.size();
  std::uint64_t hits = 1;
  for (std::uint64_t i = 1; i < patterns; ++i) {
    auto& flipped = sums[static_cast<std::size_t>(std::countr_zero(i))];
    total -= 2 * flipped;
    flipped = -flipped;
    hits += std::fabs(total) >= least;
  }
  return static_cast<double>(hits) / static_cast<double>(patterns);
}

/// The totals of the eight sums from `first` on under each of the 256 patterns of signs.
std::array<double, 256> totals_of_eight(const std::vector<double>& sums, std::size_t first) {
  std::array<double, 256> totals{};
  for (std::size_t pattern = 0; pattern < totals.size(); ++pattern)
    for (std::size_t i = 0; i < 8 && first + i < sums.size(); ++i)
      totals[pattern] += pattern >> i & 1 ? sums[first + i] : -sums[first + i];
  return totals;
}

/// Eight signs a look-up; eight such groups share the bits of one random word.
double share_of_drawn_patterns(const std::vector<double>& sums, double least, std::size_t draws,
                               std::uint64_t seed) {
  constexpr std::size_t at_once = 64;
  random_stream random(seed);
  std::vector<double> totals(draws);
  for (std::size_t first = 0; first < sums.size(); first += at_once) {
    std::array<std::array<double, 256>, 8> tables;
    for (std::size_t t = 0; t < 8; ++t) tables[t] = totals_of_eight(sums, first + 8 * t);
    for (auto& total : totals) {
      auto bits = random();
      for (const auto& table : tables) {
        total += table[bits & 0xff];
        bits >>= 8;
      }
    }
  }
  const auto hits = std::count_if(totals.begin(), totals.end(),
                                  [&](double total) { return std::fabs(total) >= least; });
  return static_cast<double>(1 + hits) / static_cast<double>(1 + draws);
}

}  // namespace

double sign_test(std::size_t wins, std::size_t losses) {
  const auto n = wins + losses;
  if (n == 0) return 1;
  const boost::math::binomial split(static_cast<double>(n), 0.5);
  return std::min(1.0, 2 * boost::math::cdf(split, static_cast<double>(std::min(wins, losses))));
}

p_value sign_flip_test(const std::vector<cluster_sum>& clusters, std::size_t draws,
                       std::uint64_t seed) {
  std::vector<double> sums;
  double total = 0, largest = 0;
  for (const auto& c : clusters) largest = std::max(largest, std::fabs(c.sum));
  for (const auto& c : clusters)
    if (std::fabs(c.sum) > rounding * largest) sums.push_back(c.sum);
  if (sums.empty()) return {};
  std::size_t wins = 0;
  bool one_size = true;
  for (double sum : sums) {
    total += sum;
    wins += sum > 0;
    one_size = one_size && largest - std::fabs(sum) <= rounding * largest;
  }
  if (one_size) return {sign_test(wins, sums.size() - wins), true};
  const double least = std::fabs(total) - rounding * largest;
  if (sums.size() < 20 && std::size_t{1} << sums.size() <= std::max<std::size_t>(draws, 1024))
    return {share_of_all_patterns(std::move(sums), total, least), true};
  return {share_of_drawn_patterns(sums, least, draws, seed), false};
}

}  // namespace assay::analysis
