#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/settings.hpp"
#include "messages/units.hpp"

namespace assay::limits {

/// How a limit came to be known.
enum class knowledge : std::uint8_t { config, header, learned };

/// `config`, `header` or `learned`.
std::string_view to_string(knowledge);

/// One limit of rate as the account knows it. Rates are per second; `low` and `high` enclose the
/// true rate as far as is known (both equal `rate` for a configured limit).
struct finding {
  std::string model;  ///< empty: of the whole account
  dimension counts = dimension::requests;
  limit_shape shape = limit_shape::bucket;
  double rate = 0;
  double low = 0;
  double high = 0;
  double burst = 0;                ///< bucket: what may go at once; windows: what one window admits
  std::optional<duration> window;  ///< of windows and logs, and of a bucket where it was stated
  double left = 0;                 ///< what may go now
  knowledge source = knowledge::config;
  std::string key;  ///< the setting it came from, or what it would be called there
};

/// A limit of what may be in flight.
struct parallel_finding {
  std::string model;  ///< empty: of the whole account
  int most = 0;
  knowledge source = knowledge::config;
};

/// All that is known about an account's limits.
struct findings {
  std::vector<finding> rates;
  std::vector<parallel_finding> parallel;
};

/// What must be remembered of an account over a restart. Plain values; times count back from the
/// moment it was taken.
struct snapshot {
  struct level {
    std::string model;  ///< empty: of the whole account
    std::string key;
    double used = 0;  ///< what is not free again yet

    bool operator==(const level&) const = default;
  };
  std::vector<level> levels;
  duration held{};  ///< how much longer nothing may be sent

  bool operator==(const snapshot&) const = default;
};

}  // namespace assay::limits
