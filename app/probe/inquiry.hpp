#pragma once

#include <array>
#include <optional>
#include <random>
#include <vector>

#include "app/probe/hypothesis.hpp"

namespace assay::probing {

/// A figure with the range that holds it with 90 %.
struct estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// What is believed after the volleys so far.
struct belief {
  kind what = kind::none;
  double probability = 0;
  estimate rate;      ///< requests per second; windows: amount / window
  estimate amount;    ///< see `hypothesis`
  estimate window_s;  ///< windows and logs
};

/// What to send next: so many requests at once, after a pause.
struct question {
  double pause_s = 0;
  int requests = 1;
};

/// What may still be spent.
struct allowance {
  int requests = 0;
  double time_s = 0;
};

/// Many limiters that could be behind the API, weighed by what was seen, and the volley on whose
/// outcome they disagree most. A sequential Monte Carlo sampler for each kind (Del Moral, Doucet,
/// Jasra 2006), so that a kind whose first candidates were all poor is not lost; what each kind
/// foretold makes its probability. Deterministic from its seed.
class inquiry {
 public:
  explicit inquiry(std::uint64_t seed = 1);

  void learn(const volley&);
  belief best() const;
  /// True once more volleys would tell little: one kind is left and its figures are known to 5 %.
  bool settled() const;
  /// The next volley; nothing if no affordable one would tell anything. Never more than 16
  /// requests at once, or twice as many as the API has taken before.
  std::optional<question> next(double now_s, const allowance&) const;

  const std::vector<volley>& seen() const { return seen_; }

 private:
  struct candidate {
    hypothesis what;
    log_likelihood fit;
  };

  /// The candidates of one kind.
  struct population {
    std::vector<candidate> members;
    double log_evidence = 0;  ///< of all volleys, under this kind
  };

  void learn(population&, int step);
  void resample(population&, const std::vector<double>& weights);
  void move(candidate&, double share);
  hypothesis nudged(const hypothesis&);
  std::array<double, kinds> probabilities() const;
  std::ptrdiff_t refusals() const;  ///< volleys that were refused in part
  double value(const std::vector<standing>&, double at_s, int requests) const;

  std::mt19937_64 random_;
  std::array<population, kinds> all_;
  std::vector<volley> seen_;
};

}  // namespace assay::probing
