#include <cmath>

#include "evaluation/data/json_cursor.hpp"
#include "evaluation/judges/json_value.hpp"
#include "evaluation/judges/text_judge.hpp"

namespace assay::evaluation {

namespace {

using nlohmann::json;

/// The value at `a.b.0`, or null pointer.
const json* value_at(const json& from, const std::string& path) {
  auto at = &from;
  if (at->is_object() && at->contains(path)) return &(*at)[path];
  for (std::size_t start = 0; start <= path.size();) {
    auto end = std::min(path.find('.', start), path.size());
    auto step = path.substr(start, end - start);
    if (at->is_object() && at->contains(step)) {
      at = &(*at)[step];
    } else if (at->is_array() && !step.empty() && step.size() < 9 &&
               step.find_first_not_of("0123456789") == std::string::npos &&
               std::stoul(step) < at->size()) {
      at = &(*at)[std::stoul(step)];
    } else {
      return nullptr;
    }
    start = end + 1;
  }
  return at;
}

/// The share of the named fields of a JSON answer that equal those of the target object.
class json_fields_judge : public text_judge {
 public:
  json_fields_judge(filter_chain filters, normalizer normal, const judge_settings& settings)
      : text_judge(std::move(filters)),
        normal_(std::move(normal)),
        fields_(settings.json_fields),
        absolute_(settings.tolerance),
        relative_(settings.relative_tolerance) {}

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    std::optional<json> got = parse_json(find_json_object(text));
    std::optional<verdict> best;
    for (auto& target : asked.targets) {
      auto wanted = parse_json(target);
      if (!wanted || !wanted->is_object()) continue;
      auto v = got ? share(*got, *wanted) : scored(0, "[invalid]", "the answer has no JSON object");
      if (!best || (v.scored && v.score > best->score)) best = std::move(v);
    }
    return best ? *best : unscored("no target of the sample is a JSON object");
  }

  verdict share(const json& got, const json& wanted) const {
    std::size_t right = 0;
    std::string wrong, missing;
    for (auto& field : fields_) {
      auto expected_value = value_at(wanted, field);
      auto value = value_at(got, field);
      if (!expected_value) {
        missing += (missing.empty() ? "" : ", ") + field;
      } else if (value && equal(*value, *expected_value)) {
        ++right;
      } else {
        wrong += (wrong.empty() ? "" : "; ") + field + ": " + (value ? brief(*value) : "missing") +
                 ", expected " + brief(*expected_value);
      }
    }
    if (!missing.empty()) return unscored("the target lacks " + missing);
    return scored(static_cast<double>(right) / static_cast<double>(fields_.size()), brief(got),
                  wrong);
  }

  /// Numbers by value, strings normalised, everything else as it is.
  bool equal(const json& got, const json& wanted) const {
    if (got.is_number() && wanted.is_number()) {
      auto a = got.get<double>(), b = wanted.get<double>();
      return a == b || std::fabs(a - b) <= std::max(absolute_, relative_ * std::fabs(b));
    }
    if (!got.is_string() || !wanted.is_string()) return got == wanted;
    auto a = got.get<std::string>(), b = wanted.get<std::string>();
    return normal_.apply(a) && normal_.apply(b) && a == b;
  }

  normalizer normal_;
  std::vector<std::string> fields_;
  double absolute_;
  double relative_;
};

}  // namespace

made_judge make_json_fields(const judge_settings& settings, const std::string& where) {
  auto normal = normalizer::make(settings, where);
  if (!normal) return tl::make_unexpected(normal.error());
  return with_filters<json_fields_judge>(settings.filters, where, std::move(*normal), settings);
}

}  // namespace assay::evaluation
