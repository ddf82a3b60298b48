#include "providers/simulated/wire_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "providers/dialects/request_parts.hpp"

namespace assay::simulated {

namespace {

template <class... Args>
std::string formatted(const char* format, Args... args) {
  char text[96];
  const int size = std::snprintf(text, sizeof text, format, args...);
  return std::string(text, static_cast<std::size_t>(std::max(0, size)));
}

std::int64_t ceil_ms(duration d) {
  return std::max<std::int64_t>(0, std::chrono::ceil<milliseconds>(d).count());
}

}  // namespace

std::string quote(std::string_view text) {
  const auto plain = [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; };
  if (std::all_of(text.begin(), text.end(), plain)) {
    std::string quoted;
    quoted.reserve(text.size() + 2);
    return quoted.append(1, '"').append(text).append(1, '"');
  }
  return print(nlohmann::json(text));
}

std::string print(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string print_amount(double amount) {
  return amount == std::floor(amount) ? formatted("%.0f", amount) : formatted("%.3f", amount);
}

header_list retry_after_headers(const rejection& r) {
  if (!r.retry_after) return {};
  auto s =
      std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(*r.retry_after).count());
  return {{"retry-after", std::to_string(s)},
          {"retry-after-ms", std::to_string(ceil_ms(*r.retry_after))}};
}

std::string print_go_duration(duration d) {
  const auto ms = ceil_ms(d);
  if (ms < 1000) return std::to_string(ms) + "ms";
  std::string text;
  if (ms >= 3'600'000) text += std::to_string(ms / 3'600'000) + "h";
  if (ms >= 60'000) text += std::to_string(ms / 60'000 % 60) + "m";
  auto rest = formatted("%.3f", static_cast<double>(ms % 60'000) / 1000);
  rest.erase(rest.find_last_not_of('0') + 1);
  if (rest.back() == '.') rest.pop_back();
  return text + rest + "s";
}

std::string print_protobuf_duration(duration d) {
  return formatted("%.3fs", static_cast<double>(ceil_ms(d)) / 1000);
}

std::string print_rfc3339(std::int64_t unix_s) {
  using namespace std::chrono;
  const sys_seconds at{std::chrono::seconds{unix_s}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  return formatted("%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                   static_cast<int>(clock.hours().count()),
                   static_cast<int>(clock.minutes().count()),
                   static_cast<int>(clock.seconds().count()));
}

std::string print_http_date(std::int64_t unix_s) {
  using namespace std::chrono;
  constexpr std::array names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds at{std::chrono::seconds{unix_s}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  return formatted(
      "%s, %02u %s %04d %02d:%02d:%02d GMT", names[weekday{day}.c_encoding()],
      static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
}

std::string object_text(const std::string& arguments) {
  return nlohmann::json::parse(arguments, nullptr, false).is_object() ? arguments : "{}";
}

tl::expected<nlohmann::json, rejection> parse_object(std::string_view body) {
  rejection no;
  no.why = failure::bad_json;
  no.message = "We could not parse the JSON body of your request: it is not a JSON object.";
  if (dialects::nesting_of(body) > dialects::deepest_json) return tl::make_unexpected(no);
  auto parsed = nlohmann::json::parse(body, nullptr, false);
  if (parsed.is_object()) return parsed;
  return tl::make_unexpected(no);
}

std::string text_of(const nlohmann::json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (!content.is_array()) return text;
  for (const auto& part : content)
    if (part.is_object()) text += text_member(part, "text");
  return text;
}

const nlohmann::json* object_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? &*found : nullptr;
}

const nlohmann::json* list_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? &*found : nullptr;
}

bool flag(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string text_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  return found->get<std::string>();
}

std::optional<std::int64_t> count_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return {};
  return found->get<std::int64_t>();
}

tl::expected<std::size_t, rejection> dimensions_member(const nlohmann::json& object,
                                                       const char* name) {
  constexpr std::int64_t most = 4096;
  if (!object.contains(name) || object[name].is_null()) return 0;
  const auto wanted = count_member(object, name).value_or(0);
  if (wanted >= 1 && wanted <= most) return static_cast<std::size_t>(wanted);
  return tl::make_unexpected(
      bad_field(name, std::string(name) + " must be a whole number from 1 to 4096."));
}

rejection bad_field(const std::string& field, const std::string& message) {
  rejection no;
  no.why = failure::bad_request;
  no.field = field;
  no.message = message;
  return no;
}

}  // namespace assay::simulated
