#pragma once

#include <cstdint>
#include <string_view>

#include "messages/settings.hpp"

namespace assay::simulated {

/// 64 bits that depend on every byte of `text` and on `start`. The same on every run and machine of
/// the same byte order; not for secrets.
std::uint64_t hash_bytes(std::string_view text, std::uint64_t start);

/// What a draw is for: each purpose has its own independent stream.
enum class purpose : std::uint64_t {
  right_or_wrong = 1,
  wrong_answer = 2,
  first_token = 3,
  output_length = 4,
  filler = 5,
  fault = 6,
  name = 7,
  expiry = 8,
  batch_fault = 9,
  part = 10,  ///< whatever a part draws besides
};

/// Chance as a function of (seed, model, conversation): whoever asks again gets the same.
class draws {
 public:
  draws(std::uint64_t seed, std::string_view model, std::uint64_t conversation)
      : base_(hash_bytes(model, seed) ^ conversation) {}

  std::uint64_t bits(purpose, std::uint64_t n = 0) const;
  /// Uniform in [0, 1).
  double uniform(purpose, std::uint64_t n = 0) const;
  /// Log-normal with the given median and 99th percentile; the median itself if they are equal.
  double log_normal(const distribution&, purpose) const;

 private:
  std::uint64_t base_;
};

}  // namespace assay::simulated
