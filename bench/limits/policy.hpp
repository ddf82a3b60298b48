#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/limits/scenario.hpp"
#include "messages/attempt.hpp"
#include "messages/units.hpp"

namespace assay::bench {

/// A 429 as the client sees it.
struct refusal {
  std::vector<rate_header> headers;
  std::optional<milliseconds> retry_after;
  int times = 1;  ///< how often this task has been refused, this one included
};

/// How a client decides when to send. The time is an argument and never goes backwards.
class policy {
 public:
  virtual ~policy() = default;

  /// What becomes of a refused task while it waits.
  enum class waiting { keeps_its_place, gives_it_up };
  virtual waiting manner() const = 0;
  /// Sends the longest expected task first, the shortest of all as scout; else as they come.
  virtual bool longest_first() const { return false; }

  /// When the next request may leave: `now`, later, or `instant::max()`: not before something
  /// comes back.
  virtual instant earliest(instant now) = 0;
  /// `again`: a refused task goes from the place that it kept.
  virtual void sent(instant now, bool again) = 0;
  /// The first byte of an answer. False: nobody listens, the headers are wanted at the end.
  virtual bool first_byte(const std::vector<rate_header>&, instant sent, instant now);
  /// `headers`: unless they were taken at the first byte.
  virtual void answered(const std::vector<rate_header>& headers, instant sent, instant now) = 0;
  /// Returns how long the task waits at least.
  virtual duration refused(const refusal&, instant sent, instant now) = 0;
};

struct contender {
  std::string name;
  std::unique_ptr<policy> (*make)(const limit_settings& told, instant start, std::uint64_t seed);
};

/// What other clients do (formulas: docs/limits.md).
std::vector<contender> peers();
/// Our own limiter, without the actors around it.
contender account_alone();

}  // namespace assay::bench
