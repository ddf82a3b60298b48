#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/settings.hpp"
#include "messages/units.hpp"

namespace assay {

/// How a limit came to be known; an overload is one that passes.
enum class knowledge : std::uint8_t { config, header, learned, overload };

/// `config`, `header`, `learned` or `overload`.
std::string_view to_string(knowledge);

/// What the egress address of this process is called; those of nodes have names of their own.
constexpr auto address_here = "local";

/// One limit of rate as an account knows it. Rates are per second; `low` and `high` enclose the
/// true rate as far as is known (both equal `rate` for a configured limit).
struct known_rate {
  std::string model;  ///< empty: of the whole account, or of an address
  dimension counts = dimension::requests;
  limit_shape shape = limit_shape::bucket;
  double rate = 0;
  double low = 0;
  double high = 0;
  double burst = 0;                ///< bucket: what may go at once; windows: what one window admits
  std::optional<duration> window;  ///< of windows and logs, and of a bucket where it was stated
  double left = 0;                 ///< what may go now
  knowledge source = knowledge::config;
  std::string key;      ///< the setting it came from, or what it would be called there
  std::string address;  ///< that requests leave by; empty: wherever they do

  bool operator==(const known_rate&) const = default;
};

/// A limit of what may be in flight.
struct known_places {
  std::string model;  ///< empty: of the whole account, or of an address
  int most = 0;
  knowledge source = knowledge::config;
  std::string address{};  ///< that requests leave by; empty: wherever they do

  bool operator==(const known_places&) const = default;
};

/// All that is known about the limits of an account.
struct known_limits {
  std::vector<known_rate> rates;
  std::vector<known_places> places;

  bool operator==(const known_limits&) const = default;
};

/// `requests (header)`: what a limit that no setting names is called.
std::string limit_name(dimension, knowledge);

/// The configured limits and the rates that were found out on top of them, named by `limit_name`,
/// at the most that they may be: what could be done, as far as is known. Not those of addresses, of
/// which there may be more.
limit_settings with_found(limit_settings configured, const known_limits&);

/// Those that are worth remembering: told by headers, or learned from refusals.
known_limits found_out(const known_limits&);

}  // namespace assay
