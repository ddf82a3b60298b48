#include "config/values.hpp"

#include <algorithm>
#include <cmath>

#include "config/duration.hpp"

namespace assay::config {

namespace {

constexpr std::size_t most_names_in_a_message = 4;

bool control_character(unsigned char c) { return c < 0x20 || c == 0x7F; }

/// Whether the text may stand there; if not, the problem has been added.
bool acceptable(reading& in, const node& n, std::string_view key, const rule& r) {
  if (n.text.empty() && !r.may_be_empty) {
    bool filled = n.raw != n.text;
    in.problems.add(n.at, std::string(key) + ": found an empty text" +
                              (filled ? ", the environment variable is empty" : ""));
    return false;
  }
  if (!r.free_text && std::any_of(n.text.begin(), n.text.end(), control_character)) {
    in.problems.add(
        n.at, std::string(key) + ": found a line break or control character in " + describe(n));
    return false;
  }
  return true;
}

/// The nearest name; a word of one or two letters is near to everything and so to nothing.
std::string_view close_to(std::string_view word, const std::vector<std::string_view>& names) {
  return word.size() < 3 ? std::string_view{} : nearest(word, names);
}

bool within(double value, const rule& r) { return value >= r.min && value <= r.max; }

}  // namespace

std::string with_bounds(std::string phrase, const rule& r) {
  bool below = std::isfinite(r.min);
  bool above = std::isfinite(r.max);
  if (below && above) return phrase + " from " + in_digits(r.min) + " to " + in_digits(r.max);
  if (below) return phrase + ", at least " + in_digits(r.min);
  if (above) return phrase + ", at most " + in_digits(r.max);
  return phrase;
}

std::string one_of(const std::string_view* begin, const std::string_view* end) {
  std::string out = "one of ";
  for (const auto* name = begin; name != end; ++name) {
    if (name != begin) out += ", ";
    out += in_quotes(*name);
  }
  return out;
}

void mismatch(reading& in, const node& n, std::string_view key, const std::string& expected_phrase,
              std::string fix) {
  if (n.kind == node_kind::broken) return;
  in.problems.add(n.at,
                  std::string(key) + ": found " + describe(n) + ", expected " + expected_phrase,
                  std::move(fix));
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& names) {
  if (auto near = close_to(word, names); !near.empty())
    return "did you mean " + in_quotes(near) + "?";
  std::string out = "known: ";
  for (const auto& name : names) {
    if (&name != &names.front()) out += ", ";
    out += name;
  }
  return names.empty() ? std::string() : out;
}

void unknown_key(reading& in, const entry& e, const std::string& section,
                 const std::vector<std::string_view>& names) {
  auto fix = suggestion(e.key, names);
  // A kind of table and a name take turns: models.NAME, providers.NAME.models.NAME.
  bool ends_in_name = std::count(section.begin(), section.end(), '.') % 2 == 1;
  if (ends_in_name && e.value.kind == node_kind::table && close_to(e.key, names).empty()) {
    auto dot = section.rfind('.');
    fix = "a name with a dot needs quotes: [" + section.substr(0, dot) + ".\"" +
          section.substr(dot + 1) + "." + e.key + "\"]";
  }
  in.problems.add(e.at, "unknown key " + in_quotes(e.key) + " in " + section, std::move(fix));
}

std::string show(const std::string& value) { return value.empty() ? "" : in_quotes(value); }
std::string show(bool value) { return value ? "true" : "false"; }
std::string show(std::int64_t value) { return std::to_string(value); }
std::string show(double value) { return in_digits(value); }
std::string show(milliseconds value) { return in_quotes(show_duration(value.count())); }

std::string show(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "[" : ", ") + in_quotes(value);
  return out.empty() ? out : out + "]";
}

void take(reading& in, const node& n, std::string_view key, const rule& r, std::string& out) {
  if (n.kind != node_kind::text) return mismatch(in, n, key, phrase<std::string>(r));
  if (acceptable(in, n, key, r)) out = n.text;
}

void take(reading& in, const node& n, std::string_view key, const rule& r, bool& out) {
  if (n.kind != node_kind::boolean) return mismatch(in, n, key, phrase<bool>(r));
  out = n.boolean;
}

void take(reading& in, const node& n, std::string_view key, const rule& r, double& out) {
  bool whole = n.kind == node_kind::integer;
  double value = whole ? static_cast<double>(n.integer) : n.real;
  if ((!whole && n.kind != node_kind::real) || !std::isfinite(value) || !within(value, r))
    return mismatch(in, n, key, phrase<double>(r));
  out = value;
}

void take(reading& in, const node& n, std::string_view key, const rule& r, milliseconds& out) {
  std::optional<double> value;
  if (n.kind == node_kind::text) value = parse_duration_ms(n.text);
  if (n.kind == node_kind::integer) value = static_cast<double>(n.integer) * 1000;
  if (n.kind == node_kind::real && std::isfinite(n.real)) value = n.real * 1000;
  auto expected_phrase = phrase<milliseconds>(r) + ", or a number of seconds";
  if (!value) return mismatch(in, n, key, expected_phrase);
  if (!within(*value, r)) {
    auto bound = [](double ms) { return show_duration(static_cast<long long>(ms)); };
    return mismatch(in, n, key, "a duration from " + bound(r.min) + " to " + bound(r.max));
  }
  out = milliseconds(std::llround(*value));
}

void take(reading& in, const node& n, std::string_view key, const rule& r,
          std::vector<std::string>& out) {
  auto is_text = [](const node& item) {
    return item.kind == node_kind::text || item.kind == node_kind::broken;
  };
  if (n.kind != node_kind::text && n.kind != node_kind::list)
    return mismatch(in, n, key, phrase<std::vector<std::string>>(r));
  if (n.kind == node_kind::list && n.items.empty())
    return mismatch(in, n, key, "at least one text");
  std::vector<std::string> values;
  for (const auto* item = n.kind == node_kind::text ? &n : n.items.data();
       item != (n.kind == node_kind::text ? &n + 1 : n.items.data() + n.items.size()); ++item) {
    if (!is_text(*item)) mismatch(in, *item, key, "a text");
    if (item->kind != node_kind::text || !acceptable(in, *item, key, r)) {
      values.emplace_back();
    } else if (std::find(values.begin(), values.end(), item->text) != values.end()) {
      in.problems.add(item->at, std::string(key) + ": " + describe(*item) + " is there twice");
      values.emplace_back();
    } else {
      values.push_back(item->text);
    }
  }
  out = std::move(values);
}

std::optional<std::int64_t> take_whole(reading& in, const node& n, std::string_view key,
                                       const rule& r) {
  if (n.kind == node_kind::integer && within(static_cast<double>(n.integer), r)) return n.integer;
  mismatch(in, n, key, phrase<std::int64_t>(r));
  return std::nullopt;
}

std::optional<std::size_t> take_name(reading& in, const node& n, std::string_view key,
                                     const std::vector<std::string_view>& names) {
  auto found =
      n.kind == node_kind::text ? std::find(names.begin(), names.end(), n.text) : names.end();
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  if (names.size() > most_names_in_a_message) {
    mismatch(in, n, key, "a known name", suggestion(n.text, names));
  } else {
    auto near = close_to(n.text, names);
    mismatch(in, n, key, one_of(names.data(), names.data() + names.size()),
             near.empty() ? "" : "did you mean " + in_quotes(near) + "?");
  }
  return std::nullopt;
}

}  // namespace assay::config
