#include "config/duration.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace assay::config {

namespace {

struct unit {
  std::string_view name;
  double milliseconds;
};

constexpr std::array<unit, 5> units{
    {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}}};

}  // namespace

std::optional<double> parse_duration_ms(std::string_view text) {
  double number = 0;
  const auto* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  std::string_view name(rest, static_cast<std::size_t>(end - rest));
  while (name.starts_with(' ')) name.remove_prefix(1);
  for (const auto& unit : units)
    if (unit.name == name) return number * unit.milliseconds;
  return std::nullopt;
}

std::string show_duration(long long milliseconds) {
  if (milliseconds % 1000 != 0) return std::to_string(milliseconds) + "ms";
  return std::to_string(milliseconds / 1000) + "s";
}

}  // namespace assay::config
