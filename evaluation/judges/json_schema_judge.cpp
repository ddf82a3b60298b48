#include <fstream>
#include <sstream>

#include "evaluation/data/json_cursor.hpp"
#include "evaluation/judges/json_schema.hpp"
#include "evaluation/judges/json_value.hpp"
#include "evaluation/judges/text_judge.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

/// The answer holds a JSON value that fits the schema; targets play no part.
class json_schema_judge : public text_judge {
 public:
  json_schema_judge(filter_chain filters, json_schema schema)
      : text_judge(std::move(filters)), schema_(std::move(schema)) {}

 private:
  verdict compare(const sample&, const std::string& text) const override {
    auto value = parse_json(strip(text));
    if (!value) value = parse_json(find_json_object(text));
    if (!value) return scored(0, "[invalid]", "the answer has no JSON");
    auto result = schema_.check(*value);
    if (result.status == schema_result::gave_up) return unscored(result.fault);
    return scored(result.status == schema_result::valid, brief(*value), result.fault);
  }

  json_schema schema_;
};

}  // namespace

made_judge make_json_schema(const judge_settings& settings, const std::string& where) {
  std::ifstream file(settings.schema_file, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    return fail(where, "the schema file '" + settings.schema_file + "' cannot be read");
  auto value = parse_json(text.str());
  if (!value) return fail(settings.schema_file, "the schema is not JSON");
  auto schema = json_schema::compile(std::move(*value), settings.schema_file);
  if (!schema) return tl::make_unexpected(schema.error());
  return with_filters<json_schema_judge>(settings.filters, where, std::move(*schema));
}

}  // namespace assay::evaluation
