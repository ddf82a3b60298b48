#include "evaluation/judges/json_value.hpp"

#include "evaluation/data/json_cursor.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

std::optional<nlohmann::json> parse_json(std::string_view text) {
  if (!is_utf8(text)) return std::nullopt;
  json_cursor cursor(text);
  value_kind kind;
  std::string_view raw;
  if (!cursor.read_value(kind, raw) || !cursor.read_end()) return std::nullopt;
  auto value = nlohmann::json::parse(raw, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

std::string brief(const nlohmann::json& value) {
  auto text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}

}  // namespace assay::evaluation
