#include "providers/dialects/durations.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "providers/dialects/header_fields.hpp"

namespace assay::dialects {

namespace {

/// No wait is longer than this: it stands for "until somebody acts".
constexpr double longest_ms = 366.0 * 86'400'000.0;

/// Reads fields of fixed form from the front of a text.
class cursor {
 public:
  explicit cursor(std::string_view text) : rest_(text) {}

  bool literal(std::string_view what) {
    if (rest_.substr(0, what.size()) != what) return false;
    rest_.remove_prefix(what.size());
    return true;
  }

  /// Exactly `width` digits; -1 if there are none.
  int digits(std::size_t width) {
    if (rest_.size() < width) return -1;
    int value = 0;
    for (char c : rest_.substr(0, width)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }

  /// `[0-9]+(.[0-9]*)?` without a sign or an exponent.
  std::optional<double> decimal() {
    auto length = rest_.find_first_not_of("0123456789.");
    if (length == std::string_view::npos) length = rest_.size();
    double value = 0;
    auto [end, error] = std::from_chars(rest_.data(), rest_.data() + length, value);
    if (error != std::errc{} || end != rest_.data() + length) return std::nullopt;
    rest_.remove_prefix(length);
    return value;
  }

  std::string_view take(std::size_t n) {
    auto taken = rest_.substr(0, n);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  bool empty() const { return rest_.empty(); }
  char front() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
};

std::optional<milliseconds> whole_ms(double ms) {
  if (!(ms >= 0)) return std::nullopt;
  // 1.005 s must stay 1005 ms although 1.005 * 1000 lies a hair above it.
  return milliseconds(static_cast<std::int64_t>(std::ceil(std::min(ms, longest_ms) - 5e-7)));
}

struct unit {
  std::string_view name;
  double ms;
};

/// The longer names first: `ms` is not `m`.
constexpr std::array<unit, 7> units{{{"ms", 1},
                                     {"us", 1e-3},
                                     {"\xC2\xB5s", 1e-3},
                                     {"ns", 1e-6},
                                     {"h", 3'600'000},
                                     {"m", 60'000},
                                     {"s", 1'000}}};

std::optional<calendar_time> moment(int year, int month, int day, int hour, int minute,
                                    int second) {
  using namespace std::chrono;
  auto date = std::chrono::year(year) / month / day;
  bool sane = year > 0 && month > 0 && day > 0 && date.ok() && hour >= 0 && hour < 24 &&
              minute >= 0 && minute < 60 && second >= 0 && second <= 60;
  if (!sane) return std::nullopt;
  return calendar_time(sys_days(date)) + hours(hour) + minutes(minute) +
         std::chrono::seconds(second);
}

int month_named(std::string_view name) {
  constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  auto at = names.find(name);
  return name.size() != 3 || at == std::string_view::npos || at % 3 ? -1
                                                                    : static_cast<int>(at / 3) + 1;
}

/// `Z` or `+hh:mm` as minutes ahead of UTC.
std::optional<int> utc_offset(cursor& in) {
  if (in.literal("Z") || in.literal("z")) return 0;
  int sign = in.front() == '-' ? -1 : 1;
  if (!in.literal("+") && !in.literal("-")) return std::nullopt;
  int hour = in.digits(2);
  bool colon = in.literal(":");
  int minute = in.digits(2);
  if (!colon || hour < 0 || minute < 0) return std::nullopt;
  return sign * (hour * 60 + minute);
}

milliseconds between(calendar_time from, calendar_time to) {
  return std::clamp(to - from, milliseconds(0),
                    milliseconds(static_cast<std::int64_t>(longest_ms)));
}

}  // namespace

std::optional<double> dirty_number(std::string_view text) {
  std::string digits;
  for (char c : trimmed(text))
    if (c != ',') digits += c;
  double value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool whole = error == std::errc{} && end == digits.data() + digits.size();
  if (!whole || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<milliseconds> go_duration(std::string_view text) {
  cursor in(trimmed(text));
  if (in.empty()) return std::nullopt;
  double total = 0;
  for (bool first = true; !in.empty(); first = false) {
    auto amount = in.decimal();
    if (!amount) return std::nullopt;
    if (in.empty() && first) return whole_ms(*amount * 1000);
    const auto* known =
        std::find_if(units.begin(), units.end(), [&](const unit& u) { return in.literal(u.name); });
    if (known == units.end()) return std::nullopt;
    total += *amount * known->ms;
  }
  return whole_ms(total);
}

std::optional<calendar_time> http_date(std::string_view text) {
  cursor in(trimmed(text));
  in.take(3);
  if (!in.literal(", ")) return std::nullopt;
  int day = in.digits(2);
  in.literal(" ");
  int month = month_named(in.take(3));
  in.literal(" ");
  int year = in.digits(4);
  in.literal(" ");
  int hour = in.digits(2);
  in.literal(":");
  int minute = in.digits(2);
  in.literal(":");
  int second = in.digits(2);
  if (!in.literal(" GMT") || !in.empty()) return std::nullopt;
  return moment(year, month, day, hour, minute, second);
}

std::optional<calendar_time> rfc3339(std::string_view text) {
  cursor in(trimmed(text));
  int year = in.digits(4);
  in.literal("-");
  int month = in.digits(2);
  in.literal("-");
  int day = in.digits(2);
  if (!in.literal("T") && !in.literal("t") && !in.literal(" ")) return std::nullopt;
  int hour = in.digits(2);
  in.literal(":");
  int minute = in.digits(2);
  in.literal(":");
  int second = in.digits(2);
  std::optional<double> fraction = 0;
  if (in.front() == '.') fraction = in.decimal();
  auto ahead = utc_offset(in);
  auto at = moment(year, month, day, hour, minute, second);
  if (!at || !ahead || !fraction || !in.empty()) return std::nullopt;
  return *at + *whole_ms(*fraction * 1000) - std::chrono::minutes(*ahead);
}

std::optional<milliseconds> time_to_go(std::string_view text, std::optional<calendar_time> date) {
  if (auto number = dirty_number(text)) {
    if (*number <= 1e9) return whole_ms(*number * 1000);
    double unix_ms = *number > 1e12 ? *number : *number * 1000;
    if (!date || unix_ms > 1e15) return std::nullopt;
    return between(*date, calendar_time(milliseconds(static_cast<std::int64_t>(unix_ms))));
  }
  if (auto span = go_duration(text)) return span;
  auto at = http_date(text);
  if (!at) at = rfc3339(text);
  if (!at || !date) return std::nullopt;
  return between(*date, *at);
}

std::optional<calendar_time> date_of(const header_list& headers) {
  auto value = find_header(headers, "date");
  return value ? http_date(*value) : std::nullopt;
}

std::optional<milliseconds> retry_after(const header_list& headers) {
  for (std::string_view name : {"retry-after-ms", "x-ms-retry-after-ms"}) {
    auto value = find_header(headers, name);
    auto number = value ? dirty_number(*value) : std::nullopt;
    if (number && *number > 0) return whole_ms(*number);
  }
  auto value = find_header(headers, "retry-after");
  if (!value) return std::nullopt;
  auto wait = time_to_go(*value, date_of(headers));
  return wait && wait->count() > 0 ? wait : std::nullopt;
}

}  // namespace assay::dialects
