#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "messages/units.hpp"
#include "providers/http.hpp"

/// How long to wait, in all the spellings of the APIs (docs/add-a-provider.md). Nothing here reads
/// a clock: a calendar date is measured against the `Date` header of the same answer, and is
/// ignored without one. Fractions of a millisecond are rounded up, so that nobody comes back too
/// early.
namespace assay::dialects {

/// A moment of the calendar, UTC.
using calendar_time = std::chrono::sys_time<milliseconds>;

/// A number as headers write it: `30,000`, ` 12 `, `-1`, `1.5`. Nothing for `` and for words.
std::optional<double> dirty_number(std::string_view text);

/// `1h2m3s`, `2m59.56s`, `940ms`, `17us`, and a bare number as seconds. Negative ones are nothing.
std::optional<milliseconds> go_duration(std::string_view text);

/// RFC 9110 IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
std::optional<calendar_time> http_date(std::string_view text);

/// RFC 3339: `2025-08-21T12:41:00Z`, `2025-08-21T12:41:00.25+02:00`.
std::optional<calendar_time> rfc3339(std::string_view text);

/// Any of the above as the time still to go at `date`: a duration, a date, a Unix time in seconds
/// (above 1e9) or milliseconds (above 1e12), else a number of seconds. A date that is past gives 0.
std::optional<milliseconds> time_to_go(std::string_view text, std::optional<calendar_time> date);

/// The `Date` header.
std::optional<calendar_time> date_of(const header_list&);

/// What the answer's headers ask us to wait: `retry-after-ms`, `x-ms-retry-after-ms`, `retry-after`
/// in that order. Values that are not above 0 are nothing.
std::optional<milliseconds> retry_after(const header_list&);

}  // namespace assay::dialects
