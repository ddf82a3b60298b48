#include "providers/limits/empty_marks.hpp"

#include <algorithm>

namespace assay::limits {

namespace {

constexpr std::size_t most_marks = 24;
/// Marks agree as long as their rates do within so many of their errors.
constexpr double tolerance = 1.5;

}  // namespace

void empty_marks::add(const mark& m) {
  if (marks_.size() == most_marks) marks_.erase(marks_.begin());
  marks_.push_back(m);
}

void empty_marks::correct(instant at, double accepted) {
  marks_.back().at = std::max(marks_.back().at, at);
  marks_.back().accepted = accepted;
}

double empty_marks::accepted_between_last() const {
  if (marks_.size() < 2) return 0;
  return marks_.back().accepted - marks_[marks_.size() - 2].accepted;
}

instant empty_marks::empty_since(double unit) const {
  auto since = marks_.back().at;
  for (auto m = marks_.rbegin(); m != marks_.rend(); ++m) {
    if (m->accepted < marks_.back().accepted - unit / 2) break;
    since = m->at;
  }
  return since;
}

std::optional<empty_marks::estimate> empty_marks::rate(double unit) const {
  std::optional<estimate> best;
  auto low = 0.0;
  auto high = 1e300;
  for (auto i = marks_.size(); i-- > 1;) {
    if (!marks_[i].busy) break;
    const auto& from = marks_[i - 1];
    auto accepted = marks_.back().accepted - from.accepted;
    auto elapsed = seconds(marks_.back().at - from.at);
    if (accepted < unit / 2 || elapsed <= 0) continue;
    auto rate = accepted / elapsed;
    auto error = std::min(1.0, unit / accepted);
    low = std::max(low, rate * (1 - tolerance * error));
    high = std::min(high, rate * (1 + tolerance * error));
    if (low > high) break;
    best = estimate{rate, error};
  }
  return best;
}

}  // namespace assay::limits
