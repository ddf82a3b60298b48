#include "analysis/agreement.hpp"

#include <algorithm>
#include <map>

namespace assay::analysis {

namespace {

/// Squared distance between the ratings of rank `low` and `high` (low < high).
double distance(measurement_level level, const std::vector<double>& values,
                const std::vector<double>& totals, std::size_t low, std::size_t high) {
  switch (level) {
    case measurement_level::nominal:
      return 1;
    case measurement_level::ordinal: {
      double between = -(totals[low] + totals[high]) / 2;
      for (std::size_t i = low; i <= high; ++i) between += totals[i];
      return between * between;
    }
    case measurement_level::interval: {
      const double apart = values[high] - values[low];
      return apart * apart;
    }
  }
  return 0;
}

}  // namespace

std::optional<double> krippendorff_alpha(const std::vector<ratings>& units,
                                         measurement_level level) {
  std::vector<double> values;
  for (const auto& unit : units)
    for (const auto& rating : unit)
      if (rating) values.push_back(*rating);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  const auto n = values.size();
  std::vector<double> coincidences(n * n), totals(n);
  for (const auto& unit : units) {
    std::vector<double> counts(n);
    double given = 0;
    for (const auto& rating : unit) {
      if (!rating) continue;
      const auto at = std::lower_bound(values.begin(), values.end(), *rating) - values.begin();
      ++counts[static_cast<std::size_t>(at)];
      ++given;
    }
    if (given < 2) continue;
    for (std::size_t i = 0; i < n; ++i) {
      totals[i] += counts[i];
      for (std::size_t j = i + 1; j < n; ++j)
        coincidences[i * n + j] += counts[i] * counts[j] / (given - 1);
    }
  }
  double observed = 0, expected = 0, pairable = 0;
  for (std::size_t i = 0; i < n; ++i) {
    pairable += totals[i];
    for (std::size_t j = i + 1; j < n; ++j) {
      const double apart = distance(level, values, totals, i, j);
      observed += coincidences[i * n + j] * apart;
      expected += totals[i] * totals[j] * apart;
    }
  }
  if (!(expected > 0)) return std::nullopt;
  return 1 - (pairable - 1) * observed / expected;
}

std::optional<double> cohen_kappa(const ratings& one, const ratings& other) {
  std::map<double, std::pair<double, double>> marginals;
  double n = 0, agreed = 0;
  for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i) {
    if (!one[i] || !other[i]) continue;
    ++n;
    agreed += *one[i] == *other[i];
    ++marginals[*one[i]].first;
    ++marginals[*other[i]].second;
  }
  double by_chance = 0;
  for (const auto& [category, counts] : marginals) by_chance += counts.first * counts.second;
  if (n == 0 || by_chance == n * n) return std::nullopt;
  by_chance /= n * n;
  return (agreed / n - by_chance) / (1 - by_chance);
}

}  // namespace assay::analysis
