#include "evaluation/extraction/field_check.hpp"

#include <algorithm>
#include <cmath>

#include "evaluation/extraction/dates.hpp"
#include "evaluation/judges/json_value.hpp"
#include "evaluation/text/number.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

using nlohmann::json;

/// A pattern's matches are looked through so far.
constexpr int most_matches = 200;
constexpr double most_exact_integer = 9'007'199'254'740'992;  // 2^53

bool is_text(const json& value) {
  return value.is_string() && !strip(value.get_ref<const std::string&>()).empty();
}

bool is_whole(const json& value) {
  if (value.is_number_integer()) return true;
  if (!value.is_number()) return false;
  auto real = value.get<double>();
  return std::fabs(real) <= most_exact_integer && std::trunc(real) == real;
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::optional<json> read_number(std::string_view text, bool whole) {
  auto number = read_quantity(text);
  if (!number || !std::isfinite(number->face)) return std::nullopt;
  if (std::trunc(number->face) == number->face && std::fabs(number->face) <= most_exact_integer)
    return json(static_cast<std::int64_t>(number->face));
  return whole ? std::nullopt : std::optional(json(number->face));
}

std::optional<json> read_truth(std::string_view text) {
  auto word = lower(strip(text));
  if (word == "true" || word == "yes") return json(true);
  if (word == "false" || word == "no") return json(false);
  return std::nullopt;
}

std::optional<json> read_choice(std::string_view text, const std::vector<std::string>& values) {
  auto word = lower(collapse_space(text));
  for (const auto& value : values)
    if (lower(value) == word) return json(value);
  return std::nullopt;
}

}  // namespace

std::string expectation(const template_field& field) {
  switch (field.type) {
    case field_type::string:
      return "a text";
    case field_type::number:
      return "a number";
    case field_type::integer:
      return "a whole number";
    case field_type::boolean:
      return "true or false";
    case field_type::date:
      return "a date such as \"2007-12-31\"";
    case field_type::list:
      return "a list of texts";
    case field_type::choice:
      break;
  }
  std::string all;
  for (const auto& value : field.values) all += (all.empty() ? "" : ", ") + json(value).dump();
  return "one of " + all;
}

expected<field_check> field_check::make(const template_field& field) {
  field_check made;
  made.field_ = field;
  if (field.pattern.empty()) return made;
  const auto& where = field.pattern_at.empty() ? field.declared_at : field.pattern_at;
  auto pattern = regex::compile(field.pattern, where);
  if (!pattern) return tl::make_unexpected(pattern.error());
  auto whole = regex::compile("\\A(?:" + field.pattern + ")\\Z", where);
  if (!whole) return tl::make_unexpected(whole.error());
  made.pattern_ = std::move(*pattern);
  made.whole_ = std::move(*whole);
  return made;
}

std::string field_check::fault_of(const json& value, std::string_view passage) const {
  if (auto fault = type_fault(value); !fault.empty()) return fault;
  if (!pattern_ || matches(value, passage)) return {};
  return "found " + brief(value) + ", which neither matches the pattern " + field_.pattern +
         " nor is what it finds in the passage";
}

std::string field_check::type_fault(const json& value) const {
  auto is_of_type = [&] {
    switch (field_.type) {
      case field_type::string:
        return is_text(value);
      case field_type::number:
        return value.is_number() && std::isfinite(value.get<double>());
      case field_type::integer:
        return is_whole(value);
      case field_type::boolean:
        return value.is_boolean();
      case field_type::date:
        return value.is_string() && is_iso_date(value.get_ref<const std::string&>());
      case field_type::list:
        return value.is_array() && !value.empty() &&
               std::all_of(value.begin(), value.end(), is_text);
      case field_type::choice:
        break;
    }
    return value.is_string() && std::count(field_.values.begin(), field_.values.end(),
                                           value.get_ref<const std::string&>()) == 1;
  };
  if (is_of_type()) return {};
  return "found " + brief(value) + ", expected " + expectation(field_);
}

bool field_check::matches(const json& value, std::string_view passage) const {
  if (value.is_array())
    return std::all_of(value.begin(), value.end(),
                       [&](const json& item) { return matches(item, passage); });
  if (whole_->find(text_of(value)).status == search_status::found) return true;
  for (int select = 0; select < most_matches; ++select) {
    auto found = pattern_->find(passage, select);
    if (found.status != search_status::found) return false;
    if (auto there = read(found.text); there && *there == value) return true;
  }
  return false;
}

std::optional<json> field_check::read(std::string_view text) const {
  switch (field_.type) {
    case field_type::number:
      return read_number(text, false);
    case field_type::integer:
      return read_number(text, true);
    case field_type::boolean:
      return read_truth(text);
    case field_type::date:
      if (auto date = read_date(text)) return json(*date);
      return std::nullopt;
    case field_type::choice:
      return read_choice(text, field_.values);
    case field_type::string:
    case field_type::list:
      break;
  }
  auto clean = collapse_space(text);
  return clean.empty() ? std::nullopt : std::optional(json(clean));
}

std::optional<json> field_check::find_in(std::string_view text) const {
  if (!pattern_) return std::nullopt;
  auto list = json::array();
  for (int select = 0; select < most_matches; ++select) {
    auto found = pattern_->find(text, select);
    if (found.status != search_status::found) break;
    auto value = read(found.text);
    if (!value) continue;
    if (field_.type != field_type::list) return value;
    if (std::find(list.begin(), list.end(), *value) == list.end()) list.push_back(*value);
  }
  return list.empty() ? std::nullopt : std::optional(list);
}

}  // namespace assay::evaluation
