#include "evaluation/judges/assertion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "evaluation/data/json_cursor.hpp"
#include "evaluation/judges/json_schema.hpp"
#include "evaluation/judges/json_value.hpp"
#include "evaluation/text/regex.hpp"
#include "evaluation/text/unicode.hpp"

/// The meaning of the assertions is promptfoo's (its documentation, "Deterministic metrics").
namespace assay::evaluation {

namespace {

using nlohmann::json;
using state = assertion_result::state;

/// What one assertion asks of the text. `value` may be null.
struct question {
  std::string_view text;
  const json& value;
  std::optional<double> threshold;
};

/// Pass or fail, or the reason why that cannot be told.
using answer_to = tl::expected<bool, std::string>;

tl::unexpected<std::string> unknown(std::string why) { return tl::make_unexpected(std::move(why)); }

/// A scalar as it would be printed.
std::string plain(const json& value) {
  return value.is_string() ? value.get<std::string>() : brief(value);
}

/// The texts of a list; a single text is split at commas.
std::vector<std::string> texts_of(const json& value) {
  std::vector<std::string> texts;
  if (value.is_array())
    for (auto& item : value) texts.push_back(plain(item));
  else if (auto all = plain(value); !value.is_null())
    for (std::size_t from = 0; from <= all.size();) {
      auto to = std::min(all.find(',', from), all.size());
      texts.emplace_back(strip(std::string_view(all).substr(from, to - from)));
      from = to + 1;
    }
  return texts;
}

bool occurs(const std::string& part, std::string_view text) {
  return text.find(part) != std::string_view::npos;
}

answer_to equals(const question& q) {
  if (q.value.is_null()) return unknown("it has no value");
  if (!q.value.is_structured()) return q.text == plain(q.value);
  auto got = parse_json(strip(q.text));
  return got && *got == q.value;
}

answer_to contains(const question& q) {
  if (q.value.is_null() || q.value.is_structured()) return unknown("its value is not a text");
  return occurs(plain(q.value), q.text);
}

answer_to contains_all(const question& q) {
  auto wanted = texts_of(q.value);
  if (wanted.empty()) return unknown("it has no value");
  return std::all_of(wanted.begin(), wanted.end(), [&](auto& w) { return occurs(w, q.text); });
}

answer_to contains_any(const question& q) {
  auto wanted = texts_of(q.value);
  if (wanted.empty()) return unknown("it has no value");
  return std::any_of(wanted.begin(), wanted.end(), [&](auto& w) { return occurs(w, q.text); });
}

json lowered(const json& value) {
  if (value.is_string()) return lower(value.get<std::string>());
  if (!value.is_array()) return value;
  auto list = json::array();
  for (auto& item : value) list.push_back(lowered(item));
  return list;
}

/// The same without regard to case.
template <answer_to (*Ask)(const question&)>
answer_to any_case(const question& q) {
  auto text = lower(q.text);
  auto value = lowered(q.value);
  return Ask({text, value, q.threshold});
}

answer_to starts_with(const question& q) {
  if (q.value.is_null() || q.value.is_structured()) return unknown("its value is not a text");
  return q.text.starts_with(plain(q.value));
}

answer_to matches(const question& q) {
  if (!q.value.is_string()) return unknown("its value is not a pattern");
  auto pattern = regex::compile(q.value.get<std::string>(), "pattern");
  if (!pattern) return unknown("the pattern cannot be used: " + pattern.error().what);
  auto found = pattern->find(q.text);
  if (found.status == search_status::gave_up)
    return unknown("the pattern backtracks too much on this answer");
  return found.status == search_status::found;
}

/// Whether a value fits the schema that the assertion may name; a text is a schema in JSON.
answer_to fits(const json& got, const json& wanted) {
  if (wanted.is_null()) return true;
  auto read = wanted.is_string() ? parse_json(wanted.get<std::string>()) : std::optional(wanted);
  if (!read) return unknown("its schema is not JSON");
  auto schema = json_schema::compile(std::move(*read), "schema");
  if (!schema) return unknown("its schema cannot be used: " + schema.error().what);
  auto result = schema->check(got);
  if (result.status == schema_result::gave_up) return unknown(result.fault);
  return result.status == schema_result::valid;
}

answer_to is_json(const question& q) {
  auto got = parse_json(strip(q.text));
  return got ? fits(*got, q.value) : answer_to(false);
}

answer_to contains_json(const question& q) {
  if (auto whole = is_json(q); !whole || *whole) return whole;
  auto part = find_json_object(q.text);
  auto got = part.empty() ? std::nullopt : parse_json(part);
  return got ? fits(*got, q.value) : answer_to(false);
}

std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    auto byte = static_cast<unsigned char>(text[i]);
    auto more = byte < 0xC0 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    auto value = static_cast<char32_t>(more == 0 ? byte : byte & (0x3F >> more));
    for (++i; more > 0 && i < text.size(); --more, ++i)
      value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
    out += value;
  }
  return out;
}

constexpr std::size_t most_comparisons = 50'000'000;

std::size_t edit_distance(const std::u32string& a, const std::u32string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

answer_to levenshtein(const question& q) {
  if (!q.value.is_string()) return unknown("its value is not a text");
  auto got = code_points(q.text), wanted = code_points(q.value.get<std::string>());
  if (got.size() * wanted.size() > most_comparisons) return unknown("the texts are too long");
  return static_cast<double>(edit_distance(got, wanted)) <= q.threshold.value_or(5);
}

answer_to word_count(const question& q) {
  auto words = static_cast<double>(split(q.text).size());
  if (q.value.is_number()) return words == q.value.get<double>();
  auto bound = [&](const char* name, double otherwise) {
    auto found = q.value.find(name);
    return found != q.value.end() && found->is_number() ? found->get<double>() : otherwise;
  };
  if (!q.value.is_object()) return unknown("its value is neither a number nor {min, max}");
  return words >= bound("min", 0) && words <= bound("max", INFINITY);
}

struct assertion_type {
  std::string_view name;
  answer_to (*ask)(const question&);
};

constexpr std::array<assertion_type, 13> types = {{
    {"contains", contains},
    {"contains-all", contains_all},
    {"contains-any", contains_any},
    {"contains-json", contains_json},
    {"equals", equals},
    {"icontains", any_case<contains>},
    {"icontains-all", any_case<contains_all>},
    {"icontains-any", any_case<contains_any>},
    {"is-json", is_json},
    {"levenshtein", levenshtein},
    {"regex", matches},
    {"starts-with", starts_with},
    {"word-count", word_count},
}};

std::optional<double> number_at(const json& object, const char* name) {
  auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  auto value = found->get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

double weight_of(const json& assertion) {
  return std::max(0.0, number_at(assertion, "weight").value_or(1));
}

void add_reason(std::string& all, const std::string& reason) {
  constexpr std::size_t enough = 400;
  if (reason.empty() || all.size() > enough) return;
  all += (all.empty() ? "" : "; ") + reason;
}

/// `assert-set`: with a threshold its weighted score decides, else every member must pass. A
/// weight of 0 is only looked at.
assertion_result evaluate_set(const json& set, std::string_view text) {
  auto members = set.find("assert");
  if (members == set.end() || !members->is_array() || members->empty())
    return {state::unknown, 0, 1, "there are no assertions"};
  assertion_result all{state::pass, 0, 0, {}};
  double weights = 0;
  for (auto& member : *members) {
    auto weight = member.is_object() ? weight_of(member) : 1;
    auto one = evaluate_assertion(member, text);
    weights += weight;
    all.least += weight * one.least;
    all.most += weight * one.most;
    add_reason(all.why, one.why);
    if (weight == 0 || one.came_to == state::pass || all.came_to == state::fail) continue;
    all.came_to = one.came_to;
  }
  if (weights > 0) all.least /= weights, all.most /= weights;
  auto threshold = number_at(set, "threshold").value_or(0);
  if (threshold == 0) return all;
  constexpr double rounding = 1e-12;
  all.came_to = all.least >= threshold - rounding ? state::pass
                : all.most < threshold - rounding ? state::fail
                                                  : state::unknown;
  return all;
}

/// How an assertion is called in an explanation.
std::string title(const std::string& type, const json& value) {
  return value.is_null() ? type : type + " " + brief(value);
}

assertion_result evaluate_single(const json& assertion, const std::string& stated,
                                 std::string_view text) {
  static const json nothing;
  auto negated = stated.starts_with("not-");
  auto name = negated ? stated.substr(4) : stated;
  if (assertion.contains("transform"))
    return {state::unknown, 0, 1, "the transform of '" + stated + "' is not understood"};
  auto type = std::find_if(types.begin(), types.end(), [&](auto& t) { return t.name == name; });
  if (type == types.end())
    return {state::unknown, 0, 1, "assertion '" + stated + "' is not understood"};
  auto value = assertion.find("value");
  const auto& wanted = value == assertion.end() ? nothing : *value;
  auto holds = type->ask({text, wanted, number_at(assertion, "threshold")});
  if (!holds) return {state::unknown, 0, 1, title(stated, wanted) + ": " + holds.error()};
  if (*holds != negated) return {};
  return {state::fail, 0, 0, title(stated, wanted) + " failed"};
}

}  // namespace

std::vector<std::string_view> assertion_types() {
  std::vector<std::string_view> names;
  for (auto& type : types) names.push_back(type.name);
  std::sort(names.begin(), names.end());
  return names;
}

assertion_result evaluate_assertion(const json& assertion, std::string_view text) {
  if (!assertion.is_object()) return {state::unknown, 0, 1, "an assertion is not an object"};
  auto type = assertion.find("type");
  if (type == assertion.end() || !type->is_string())
    return {state::unknown, 0, 1, "an assertion has no type"};
  auto name = type->get<std::string>();
  return name == "assert-set" ? evaluate_set(assertion, text)
                              : evaluate_single(assertion, name, text);
}

}  // namespace assay::evaluation
