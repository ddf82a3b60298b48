#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/files.hpp"
#include "config/node.hpp"
#include "config/report.hpp"
#include "messages/settings.hpp"

/// Single values: each type has a reader, a phrase that says what is expected, and a way to be
/// shown.
namespace assay::config {

/// What readers of values need besides the value.
struct reading {
  report& problems;
  const environment& env;
  const file_reader& files;
};

/// What a value must be beyond its type. For durations the bounds are milliseconds.
struct rule {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool may_be_empty = false;  ///< texts only
  bool free_text = false;     ///< texts only: line breaks and tabs are welcome
};

/// The names of an enum in a file, in the order of its values.
template <class Enum>
struct names_of;
template <>
struct names_of<limit_shape> {
  static constexpr std::string_view values[] = {"bucket", "fixed_window", "sliding_log"};
};
template <>
struct names_of<limit_scope> {
  static constexpr std::string_view values[] = {"account", "model", "address"};
};
template <>
struct names_of<reserve_policy> {
  static constexpr std::string_view values[] = {"max_tokens", "expected", "none"};
};
template <>
struct names_of<route_policy> {
  static constexpr std::string_view values[] = {"any_room", "cost_first", "latency_first"};
};
template <>
struct names_of<delivery_mode> {
  static constexpr std::string_view values[] = {"single", "batch"};
};
template <>
struct names_of<dataset_format> {
  static constexpr std::string_view values[] = {"jsonl", "json", "csv"};
};

/// `a whole number from 1 to 9`.
std::string with_bounds(std::string phrase, const rule&);
/// `one of "a", "b"`.
std::string one_of(const std::string_view* begin, const std::string_view* end);

/// "KEY: found X, expected Y".
void mismatch(reading&, const node&, std::string_view key, const std::string& expected_phrase,
              std::string fix = {});

/// The nearest of the names as a question, or the whole list of them.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& names);

/// "unknown key ... in SECTION", with the nearest known key.
void unknown_key(reading&, const entry&, const std::string& section,
                 const std::vector<std::string_view>& names);

// -- what is expected
// -------------------------------------------------------------------------------

template <class T>
struct phrase_of;

template <class T>
std::string phrase(const rule& r) {
  return phrase_of<T>::get(r);
}

template <>
struct phrase_of<std::string> {
  static std::string get(const rule&) { return "a text"; }
};
template <>
struct phrase_of<bool> {
  static std::string get(const rule&) { return "true or false"; }
};
template <std::integral T>
struct phrase_of<T> {
  static std::string get(const rule& r) { return with_bounds("a whole number", r); }
};
template <>
struct phrase_of<double> {
  static std::string get(const rule& r) { return with_bounds("a number", r); }
};
template <>
struct phrase_of<milliseconds> {
  static std::string get(const rule&) { return "a duration such as \"500ms\", \"1.5s\" or \"2m\""; }
};
template <>
struct phrase_of<std::vector<std::string>> {
  static std::string get(const rule&) { return "a text or a list of texts"; }
};
template <class T>
struct phrase_of<std::optional<T>> : phrase_of<T> {};
template <class Enum>
requires std::is_enum_v<Enum>
struct phrase_of<Enum> {
  static std::string get(const rule&) {
    return one_of(std::begin(names_of<Enum>::values), std::end(names_of<Enum>::values));
  }
};

// -- how a default is shown
// ---------------------------------------------------------------------------

std::string show(const std::string&);
std::string show(bool);
std::string show(std::int64_t);
std::string show(double);
std::string show(milliseconds);
std::string show(const std::vector<std::string>&);
template <std::integral T>
requires(!std::same_as<T, bool>) std::string show(T value) {
  return show(static_cast<std::int64_t>(value));
}
template <class Enum>
requires std::is_enum_v<Enum> std::string show(Enum value) {
  return show(std::string(names_of<Enum>::values[static_cast<std::size_t>(value)]));
}
template <class T>
std::string show(const std::optional<T>& value) {
  return value ? show(*value) : std::string();
}

// -- reading
// -------------------------------------------------------------------------------------------- Each
// sets `out`, or adds a problem and leaves it alone. A broken node is passed over in silence.

void take(reading&, const node&, std::string_view key, const rule&, std::string& out);
void take(reading&, const node&, std::string_view key, const rule&, bool& out);
void take(reading&, const node&, std::string_view key, const rule&, double& out);
void take(reading&, const node&, std::string_view key, const rule&, milliseconds& out);
void take(reading&, const node&, std::string_view key, const rule&, std::vector<std::string>& out);

/// The whole number within the rule, or nothing and a problem.
std::optional<std::int64_t> take_whole(reading&, const node&, std::string_view key, const rule&);
/// The index of the text within the names, or nothing and a problem.
std::optional<std::size_t> take_name(reading&, const node&, std::string_view key,
                                     const std::vector<std::string_view>& names);

template <std::integral T>
requires(!std::same_as<T, bool>) void take(reading& in, const node& n, std::string_view key,
                                           const rule& r, T& out) {
  if (auto value = take_whole(in, n, key, r)) out = static_cast<T>(*value);
}

template <class Enum>
requires std::is_enum_v<Enum>
void take(reading& in, const node& n, std::string_view key, const rule&, Enum& out) {
  std::vector<std::string_view> names(std::begin(names_of<Enum>::values),
                                      std::end(names_of<Enum>::values));
  if (auto index = take_name(in, n, key, names)) out = static_cast<Enum>(*index);
}

template <class T>
void take(reading& in, const node& n, std::string_view key, const rule& r, std::optional<T>& out) {
  T value{};
  auto before = in.problems.count();
  take(in, n, key, r, value);
  if (n.kind != node_kind::broken && in.problems.count() == before) out = std::move(value);
}

}  // namespace assay::config
