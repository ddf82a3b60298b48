#pragma once

#include <cstdint>
#include <string>

#include "messages/units.hpp"

/// Numbers as people read them; the same in the terminal, in Markdown and in HTML.
namespace assay::report {

std::string show_count(std::uint64_t);       ///< `1,319`
std::string show_seconds(double);            ///< `85 ms`, `12.3 s`, `12 min 05 s`, `3 h 12 min`
std::string show_usd(usd);                   ///< `$0.0123`, `$12.30`, `$1,234.50`; `$0` for nothing
std::string show_score(double);              ///< `0.825`
std::string show_percent(double fraction);   ///< `99.5 %`; 100 % and 0 % only if exactly so
std::string show_ratio(double);              ///< `1.017`
std::string show_utc(std::int64_t unix_ns);  ///< `2026-11-22 13:29:04 UTC`, `-` for 0
std::string iso_utc(std::int64_t unix_ns);   ///< `2026-11-22T13:29:04.123456Z`, empty for 0

}  // namespace assay::report
