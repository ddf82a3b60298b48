#include "analysis/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "analysis/quantiles.hpp"
#include "analysis/random_stream.hpp"

namespace assay::analysis {

namespace {

/// Clusters that are alike, and how many of them there are.
struct kind {
  cluster_sum each;
  std::size_t times = 0;
};

/// A binomial draw takes as long as about this many draws of one cluster.
constexpr std::size_t draws_a_binomial = 160;

std::vector<kind> kinds_of(std::vector<cluster_sum> clusters) {
  std::sort(clusters.begin(), clusters.end(), [](const cluster_sum& a, const cluster_sum& b) {
    return std::pair(a.count, a.sum) < std::pair(b.count, b.sum);
  });
  std::vector<kind> kinds;
  for (const auto& c : clusters) {
    if (kinds.empty() || kinds.back().each != c) kinds.push_back({c, 0});
    ++kinds.back().times;
  }
  return kinds;
}

/// How many of `draws` fall on `these` out of `all`, each as likely.
std::int64_t draw_binomial(std::int64_t draws, std::size_t these, std::size_t all,
                           random_stream& random) {
  if (these == all) return draws;
  return std::binomial_distribution<std::int64_t>(
      draws, static_cast<double>(these) / static_cast<double>(all))(random);
}

/// One draw by counts: how often each kind comes, given those before it, is binomial.
double mean_by_counts(const std::vector<kind>& kinds, std::size_t clusters, random_stream& random) {
  double sum = 0, samples = 0;
  auto left = static_cast<std::int64_t>(clusters);
  auto others = clusters;  // of this kind and those after it
  for (const auto& k : kinds) {
    const auto times = draw_binomial(left, k.times, others, random);
    sum += static_cast<double>(times) * k.each.sum;
    samples += static_cast<double>(times) * static_cast<double>(k.each.count);
    left -= times;
    others -= k.times;
    if (left == 0) break;
  }
  return sum / samples;
}

/// Clusters are drawn block by block: a block stays in the fastest cache, and one random word holds
/// five indices into it.
constexpr std::size_t block_size = 4096;
constexpr int index_bits = 12;
static_assert(block_size == std::size_t{1} << index_bits);

/// What was drawn so far; a plain number is a cluster of one sample.
struct drawn {
  double sum = 0;
  double count = 0;
  void add(double value) { sum += value; }
  void add(const cluster_sum& c) {
    sum += c.sum;
    count += static_cast<double>(c.count);
  }
};

/// Draws `times` from the `size` entries of a block.
template <class Entry>
void draw_from(const Entry* block, std::size_t size, std::int64_t times, random_stream& random,
               drawn& into) {
  if (size < block_size) {
    for (; times > 0; --times) into.add(block[(random() >> 32) * size >> 32]);
    return;
  }
  constexpr auto mask = block_size - 1;
  constexpr int in_a_word = 5;
  drawn lanes[in_a_word];  // additions that do not wait for each other
  for (; times >= in_a_word; times -= in_a_word) {
    const auto bits = random();
    for (int i = 0; i < in_a_word; ++i) lanes[i].add(block[bits >> i * index_bits & mask]);
  }
  for (; times > 0; --times) lanes[0].add(block[random() & mask]);
  for (const auto& lane : lanes) {
    into.sum += lane.sum;
    into.count += lane.count;
  }
}

/// One draw of as many entries as there are: how many fall into each block, then which.
template <class Entry>
drawn draw_all(const std::vector<Entry>& entries, random_stream& random) {
  drawn result;
  auto left = static_cast<std::int64_t>(entries.size());
  for (std::size_t first = 0; first < entries.size() && left > 0; first += block_size) {
    const auto others = entries.size() - first;
    const auto size = std::min(block_size, others);
    const auto times = draw_binomial(left, size, others, random);
    draw_from(entries.data() + first, size, times, random, result);
    left -= times;
  }
  return result;
}

std::vector<double> drawn_means(const std::vector<cluster_sum>& clusters, std::size_t draws,
                                std::uint64_t seed) {
  random_stream random(seed);
  std::vector<double> means(draws);
  const auto kinds = kinds_of(clusters);
  const bool few_kinds = kinds.size() <= 3 || kinds.size() * draws_a_binomial < clusters.size();
  const auto n = static_cast<double>(clusters.size());
  std::vector<double> values;
  for (const auto& c : clusters)
    if (c.count == 1) values.push_back(c.sum);
  const bool alone = values.size() == clusters.size();
  for (auto& mean : means) {
    if (few_kinds) {
      mean = mean_by_counts(kinds, clusters.size(), random);
    } else if (alone) {
      mean = draw_all(values, random).sum / n;
    } else {
      const auto all = draw_all(clusters, random);
      mean = all.sum / all.count;
    }
  }
  return means;
}

/// How skewed the mean is, from what each cluster adds to it (Efron 1987, eq. 6.6).
double acceleration(const std::vector<cluster_sum>& clusters, double mean) {
  double squares = 0, cubes = 0;
  for (const auto& c : clusters) {
    const double pull = c.sum - mean * static_cast<double>(c.count);
    squares += pull * pull;
    cubes += pull * pull * pull;
  }
  return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
}

}  // namespace

std::pair<double, double> bootstrap_interval(const std::vector<cluster_sum>& clusters,
                                             std::size_t draws, std::uint64_t seed, double alpha) {
  const auto whole = mean_of(clusters);
  if (whole.standard_error == 0 || draws == 0) return {whole.mean, whole.mean};
  auto means = drawn_means(clusters, draws, seed);
  std::sort(means.begin(), means.end());
  const auto last = static_cast<double>(draws);
  const auto [first_equal, first_above] = std::equal_range(means.begin(), means.end(), whole.mean);
  const double below = static_cast<double>(first_equal - means.begin()) +
                       static_cast<double>(first_above - first_equal) / 2;
  const double bias = normal_quantile(std::clamp(below / last, 1 / last, 1 - 1 / last));
  const double a = acceleration(clusters, whole.mean);
  auto at = [&](double p) {
    const double z = bias + normal_quantile(p);
    const double share = normal_probability(bias + z / (1 - a * z));
    return means[static_cast<std::size_t>(std::clamp(share * last, 0.0, last - 1))];
  };
  return {at(alpha / 2), at(1 - alpha / 2)};
}

}  // namespace assay::analysis
