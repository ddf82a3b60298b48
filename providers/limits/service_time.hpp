#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "messages/units.hpp"

namespace assay::limits {

/// How long the answers of one model take, and how long they are, learned from each.
class service_time {
 public:
  void measured(double service_s, std::optional<std::int64_t> output_tokens) {
    if (output_tokens) {
      auto output = static_cast<double>(*output_tokens);
      mean_output_ = mean_output_ ? *mean_output_ + weight * (output - *mean_output_) : output;
    }
    if (!mean_s_) {
      mean_s_ = service_s;
      deviation_s_ = service_s / 2;
      return;
    }
    deviation_s_ += weight * (std::abs(service_s - *mean_s_) - deviation_s_);
    *mean_s_ += weight * (service_s - *mean_s_);
  }

  /// Tokens; absent before the first answer.
  std::optional<double> mean_output() const { return mean_output_; }

  /// From when on an exchange is a straggler: three times the mean, and far outside the usual
  /// spread (6 mean deviations are beyond the 99th percentile of a log-normal one). Absent before
  /// the first answer.
  std::optional<duration> straggles_after() const {
    if (!mean_s_) return std::nullopt;
    return from_seconds(std::max(3 * *mean_s_, *mean_s_ + 6 * deviation_s_));
  }

 private:
  static constexpr double weight = 0.05;  ///< of a new answer

  std::optional<double> mean_s_;
  std::optional<double> mean_output_;
  double deviation_s_ = 0;  ///< mean absolute deviation
};

}  // namespace assay::limits
