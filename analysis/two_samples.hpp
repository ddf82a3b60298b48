#pragma once

#include <cstddef>
#include <map>

/// Tests whether two groups of observations could be of the same kind, whatever their distribution.
namespace assay::analysis {

/// Two-sided p of Fisher's exact test: `a` of `n` against `b` of `m`.
double fisher_exact(std::size_t a, std::size_t n, std::size_t b, std::size_t m);

/// Positive sizes in buckets of 9 %: takes as much memory for a million as for a thousand.
struct size_buckets {
  std::map<int, std::size_t> buckets;
  std::size_t count = 0;
  double sum = 0;

  void add(double size);
  void add(const size_buckets&);
  /// 0 if empty.
  double mean() const;
};

/// Two-sided p of the rank sum of `now` among all sizes (Mann-Whitney; normal, with corrections for
/// ties and continuity). 1 if one of them is empty.
double rank_sum_p(const size_buckets& now, const size_buckets& before);

}  // namespace assay::analysis
