#include "app/report/figures.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <ctime>

namespace assay::report {

namespace {

std::tm utc(std::int64_t unix_ns) {
  const auto seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

std::string show_count(std::uint64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string show_seconds(double s) {
  if (!std::isfinite(s)) return "-";
  if (s < 0.0005) return s <= 0 ? "0 s" : fmt::format("{:.2f} ms", s * 1e3);
  if (s < 0.9995) return fmt::format("{:.0f} ms", s * 1e3);
  if (s < 9.995) return fmt::format("{:.2f} s", s);
  if (s < 119.95) return fmt::format("{:.1f} s", s);
  const auto whole = static_cast<std::int64_t>(s + 0.5);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string show_usd(usd amount) {
  const double value = amount.value;
  if (value == 0) return "$0";
  if (std::fabs(value) < 0.00005) return fmt::format("${:.1e}", value);
  if (std::fabs(value) < 1) return fmt::format("${:.4f}", value);
  if (value < 0) return fmt::format("-${:.2f}", -value);
  const auto cents = static_cast<std::uint64_t>(std::llround(value * 100));
  return fmt::format("${}.{:02}", show_count(cents / 100), cents % 100);
}

std::string show_score(double score) { return fmt::format("{:.3f}", score); }

std::string show_percent(double fraction) {
  if (fraction == 0 || fraction == 1) return fmt::format("{:.0f} %", fraction * 100);
  const double percent = fraction * 100;
  if (fraction > 0 && percent < 0.05) return "<0.1 %";
  if (fraction < 1 && percent > 99.95) return ">99.9 %";
  return fmt::format("{:.1f} %", percent);
}

std::string show_ratio(double ratio) { return fmt::format("{:.3f}", ratio); }

std::string show_utc(std::int64_t unix_ns) {
  if (unix_ns == 0) return "-";
  const auto t = utc(unix_ns);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", t.tm_year + 1900, t.tm_mon + 1,
                     t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

std::string iso_utc(std::int64_t unix_ns) {
  if (unix_ns == 0) return {};
  const auto t = utc(unix_ns);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", t.tm_year + 1900, t.tm_mon + 1,
                     t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, unix_ns % 1'000'000'000 / 1000);
}

}  // namespace assay::report
