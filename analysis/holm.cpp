#include "analysis/holm.hpp"

#include <algorithm>
#include <numeric>

namespace assay::analysis {

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double so_far = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    so_far = std::max(so_far, static_cast<double>(p.size() - i) * p[order[i]]);
    adjusted[order[i]] = std::min(so_far, 1.0);
  }
  return adjusted;
}

}  // namespace assay::analysis
