#include "evaluation/judges/json_schema.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "evaluation/judges/json_value.hpp"

namespace assay::evaluation {

namespace {

using nlohmann::json;

// clang-format off
const std::set<std::string_view> annotations = {
    "$schema", "$id", "$comment", "title", "description", "default", "examples", "format",
    "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentEncoding"};
const std::set<std::string_view> one_schema = {
    "additionalProperties", "propertyNames", "additionalItems", "contains", "not", "if", "then", "else"};
const std::set<std::string_view> schema_lists = {"allOf", "anyOf", "oneOf", "prefixItems"};
const std::set<std::string_view> schema_maps = {
    "properties", "patternProperties", "definitions", "$defs"};
const std::set<std::string_view> counts = {
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"};
const std::set<std::string_view> bounds = {
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"};
const std::set<std::string_view> type_names = {
    "null", "boolean", "object", "array", "number", "string", "integer"};
// clang-format on

/// Checks a schema once and compiles its patterns.
class schema_reader {
 public:
  schema_reader(const json& root, std::string where, std::map<std::string, regex>& patterns)
      : root_(root), where_(std::move(where)), patterns_(patterns) {}

  expected<void> read(const json& schema, const std::string& path) {
    if (schema.is_boolean()) return {};
    if (!schema.is_object()) return refuse(path, "a schema must be an object or a boolean");
    for (auto& [keyword, value] : schema.items())
      if (auto good = read_keyword(keyword, value, path + "/" + keyword); !good) return good;
    return {};
  }

 private:
  tl::unexpected<problem> refuse(const std::string& path, const std::string& what) {
    return fail(where_ + ", #" + path, what);
  }

  expected<void> read_keyword(const std::string& keyword, const json& value,
                              const std::string& path) {
    if (annotations.count(keyword) || keyword == "const") return {};
    if (keyword == "enum")
      return value.is_array() ? expected<void>() : refuse(path, "an array of values was expected");
    if (one_schema.count(keyword)) return read(value, path);
    if (keyword == "items") return value.is_array() ? read_list(value, path) : read(value, path);
    if (schema_lists.count(keyword)) return read_list(value, path);
    if (schema_maps.count(keyword)) return read_map(value, path, keyword == "patternProperties");
    if (counts.count(keyword))
      return value.is_number_unsigned() ? expected<void>() : refuse(path, "a count was expected");
    if (bounds.count(keyword))
      return value.is_number() ? expected<void>() : refuse(path, "a number was expected");
    if (keyword == "uniqueItems")
      return value.is_boolean() ? expected<void>() : refuse(path, "a boolean was expected");
    if (keyword == "pattern")
      return value.is_string() ? read_pattern(value.get<std::string>(), path)
                               : refuse(path, "a pattern was expected");
    if (keyword == "required") return read_names(value, path, nullptr);
    if (keyword == "type")
      return read_names(value.is_string() ? json::array({value}) : value, path, &type_names);
    if (keyword == "$ref") return read_reference(value, path);
    return refuse(path, "the keyword '" + keyword + "' is not supported");
  }

  expected<void> read_list(const json& list, const std::string& path) {
    if (!list.is_array()) return refuse(path, "an array of schemas was expected");
    for (std::size_t i = 0; i < list.size(); ++i)
      if (auto good = read(list[i], path + "/" + std::to_string(i)); !good) return good;
    return {};
  }

  expected<void> read_map(const json& map, const std::string& path, bool by_pattern) {
    if (!map.is_object()) return refuse(path, "an object of schemas was expected");
    for (auto& [name, schema] : map.items()) {
      if (by_pattern)
        if (auto good = read_pattern(name, path); !good) return good;
      if (auto good = read(schema, path + "/" + name); !good) return good;
    }
    return {};
  }

  expected<void> read_pattern(const std::string& pattern, const std::string& path) {
    auto compiled = regex::compile(pattern, where_ + ", #" + path);
    if (!compiled) return tl::make_unexpected(compiled.error());
    patterns_.emplace(pattern, std::move(*compiled));
    return {};
  }

  expected<void> read_names(const json& names, const std::string& path,
                            const std::set<std::string_view>* known) {
    if (!names.is_array()) return refuse(path, "an array of names was expected");
    for (auto& name : names) {
      if (!name.is_string()) return refuse(path, "an array of names was expected");
      if (known && !known->count(name.get_ref<const std::string&>()))
        return refuse(path, "there is no type " + brief(name));
    }
    return {};
  }

  expected<void> read_reference(const json& value, const std::string& path) {
    if (!value.is_string() || value.get_ref<const std::string&>().rfind('#', 0) != 0)
      return refuse(path, "only references within the file (\"#/...\") are supported");
    auto target = value.get<std::string>().substr(1);
    try {
      if (root_.contains(json::json_pointer(target))) return {};
    } catch (const json::exception&) {
    }
    return refuse(path, "the reference " + brief(value) + " leads nowhere");
  }

  const json& root_;
  std::string where_;
  std::map<std::string, regex>& patterns_;
};

/// Checks one value; stops at the first fault.
class checker {
 public:
  checker(const json& root, const std::map<std::string, regex>& patterns)
      : root_(root), patterns_(patterns) {}

  bool check(const json& schema, const json& value, const std::string& path) {
    if (++steps_ > max_steps || ++depth_ > max_depth) {
      gave_up_ = true;
      return false;
    }
    bool good = check_schema(schema, value, path);
    --depth_;
    return good;
  }

  schema_result result(bool good) const {
    if (gave_up_) return {schema_result::gave_up, "the check takes too many steps"};
    return {good ? schema_result::valid : schema_result::invalid, good ? "" : fault_};
  }

 private:
  static constexpr std::size_t max_steps = 200'000;
  static constexpr int max_depth = 300;

  bool fault(const std::string& path, const std::string& what) {
    fault_ = (path.empty() ? "the value" : path.substr(1)) + " " + what;
    return false;
  }

  bool check_schema(const json& schema, const json& value, const std::string& path) {
    if (schema.is_boolean()) return schema.get<bool>() || fault(path, "is not allowed");
    if (schema.contains("$ref")) {
      auto pointer = schema["$ref"].get<std::string>().substr(1);
      if (!check(root_[json::json_pointer(pointer)], value, path)) return false;
    }
    return check_identity(schema, value, path) && check_kind(schema, value, path) &&
           check_combination(schema, value, path);
  }

  bool check_kind(const json& schema, const json& value, const std::string& path) {
    if (value.is_number()) return check_number(schema, value.get<double>(), path);
    if (value.is_string()) return check_string(schema, value.get_ref<const std::string&>(), path);
    if (value.is_array()) return check_array(schema, value, path);
    if (value.is_object()) return check_object(schema, value, path);
    return true;
  }

  static bool has_type(const json& value, const std::string& type) {
    if (type == "integer") {
      if (value.is_number_integer()) return true;
      return value.is_number() && std::trunc(value.get<double>()) == value.get<double>();
    }
    if (type == "number") return value.is_number();
    return type == value.type_name();
  }

  bool check_identity(const json& schema, const json& value, const std::string& path) {
    if (auto type = schema.find("type"); type != schema.end()) {
      auto types = type->is_array() ? *type : json::array({*type});
      if (std::none_of(types.begin(), types.end(),
                       [&](const json& t) { return has_type(value, t.get<std::string>()); }))
        return fault(path, "is " + std::string(value.type_name()) + ", expected " + brief(*type));
    }
    if (auto allowed = schema.find("enum"); allowed != schema.end())
      if (std::find(allowed->begin(), allowed->end(), value) == allowed->end())
        return fault(path, "is " + brief(value) + ", expected one of " + brief(*allowed));
    if (auto only = schema.find("const"); only != schema.end() && *only != value)
      return fault(path, "is " + brief(value) + ", expected " + brief(*only));
    return true;
  }

  bool check_number(const json& schema, double value, const std::string& path) {
    auto limit = [&](const char* keyword, auto holds) {
      auto at = schema.find(keyword);
      return at == schema.end() || holds(at->get<double>()) ||
             fault(path, "is " + brief(value) + " (" + keyword + " " + brief(*at) + ")");
    };
    return limit("minimum", [&](double x) { return value >= x; }) &&
           limit("maximum", [&](double x) { return value <= x; }) &&
           limit("exclusiveMinimum", [&](double x) { return value > x; }) &&
           limit("exclusiveMaximum", [&](double x) { return value < x; }) &&
           limit("multipleOf", [&](double x) {
             auto times = value / x;
             return std::fabs(times - std::nearbyint(times)) <= 1e-9 * std::fabs(times);
           });
  }

  bool check_size(const json& schema, std::size_t size, const std::string& unit,
                  const std::string& path) {
    auto least = schema.find("min" + unit), most = schema.find("max" + unit);
    if (least != schema.end() && size < least->get<std::size_t>())
      return fault(path, "is too small (min" + unit + " " + brief(*least) + ")");
    if (most != schema.end() && size > most->get<std::size_t>())
      return fault(path, "is too large (max" + unit + " " + brief(*most) + ")");
    return true;
  }

  bool matches(const std::string& pattern, const std::string& text) {
    auto status = patterns_.at(pattern).find(text).status;
    gave_up_ = gave_up_ || status == search_status::gave_up;
    return status == search_status::found;
  }

  bool check_string(const json& schema, const std::string& value, const std::string& path) {
    auto characters = static_cast<std::size_t>(
        std::count_if(value.begin(), value.end(), [](char c) { return (c & 0xC0) != 0x80; }));
    if (!check_size(schema, characters, "Length", path)) return false;
    auto pattern = schema.find("pattern");
    return pattern == schema.end() || matches(pattern->get<std::string>(), value) ||
           fault(path, "does not match " + brief(*pattern));
  }

  bool check_array(const json& schema, const json& value, const std::string& path) {
    if (!check_size(schema, value.size(), "Items", path)) return false;
    if (schema.value("uniqueItems", false) &&
        std::set<json>(value.begin(), value.end()).size() != value.size())
      return fault(path, "has an element twice");
    auto items = schema.find("items"), first = schema.find("prefixItems");
    auto rest = items;
    if (items != schema.end() && items->is_array()) {
      first = items;
      rest = schema.find("additionalItems");
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      bool positional = first != schema.end() && i < first->size();
      auto place = path + "." + std::to_string(i);
      if (positional && !check((*first)[i], value[i], place)) return false;
      if (!positional && rest != schema.end() && !check(*rest, value[i], place)) return false;
    }
    auto contains = schema.find("contains");
    return contains == schema.end() ||
           std::any_of(value.begin(), value.end(),
                       [&](const json& item) { return check(*contains, item, path); }) ||
           fault(path, "has no element of the kind that 'contains' asks for");
  }

  bool check_object(const json& schema, const json& value, const std::string& path) {
    if (!check_size(schema, value.size(), "Properties", path)) return false;
    if (auto required = schema.find("required"); required != schema.end())
      for (auto& name : *required)
        if (!value.contains(name.get_ref<const std::string&>()))
          return fault(path, "lacks the field " + brief(name));
    for (auto& [name, member] : value.items())
      if (!check_member(schema, name, member, path + "." + name)) return false;
    return true;
  }

  bool check_member(const json& schema, const std::string& name, const json& member,
                    const std::string& path) {
    bool described = false;
    auto names = schema.find("propertyNames");
    if (names != schema.end() && !check(*names, json(name), path)) return false;
    auto properties = schema.find("properties");
    if (properties != schema.end() && properties->contains(name)) {
      described = true;
      if (!check((*properties)[name], member, path)) return false;
    }
    if (auto by_pattern = schema.find("patternProperties"); by_pattern != schema.end())
      for (auto& [pattern, inner] : by_pattern->items())
        if (matches(pattern, name)) {
          described = true;
          if (!check(inner, member, path)) return false;
        }
    auto others = schema.find("additionalProperties");
    return described || others == schema.end() || check(*others, member, path);
  }

  std::size_t count_valid(const json& schemas, const json& value, const std::string& path) {
    return static_cast<std::size_t>(
        std::count_if(schemas.begin(), schemas.end(),
                      [&](const json& schema) { return check(schema, value, path); }));
  }

  bool check_combination(const json& schema, const json& value, const std::string& path) {
    if (auto all = schema.find("allOf"); all != schema.end())
      for (auto& one : *all)
        if (!check(one, value, path)) return false;
    if (auto any = schema.find("anyOf"); any != schema.end())
      if (count_valid(*any, value, path) == 0) return fault(path, "fits none of 'anyOf'");
    if (auto one = schema.find("oneOf"); one != schema.end())
      if (auto n = count_valid(*one, value, path); n != 1)
        return fault(path, "fits " + std::to_string(n) + " of 'oneOf', expected 1");
    if (auto no = schema.find("not"); no != schema.end())
      if (check(*no, value, path)) return fault(path, "fits 'not'");
    auto condition = schema.find("if");
    if (condition == schema.end()) return !gave_up_;
    auto branch = schema.find(check(*condition, value, path) ? "then" : "else");
    return (branch == schema.end() || check(*branch, value, path)) && !gave_up_;
  }

  const json& root_;
  const std::map<std::string, regex>& patterns_;
  std::string fault_;
  std::size_t steps_ = 0;
  int depth_ = 0;
  bool gave_up_ = false;
};

}  // namespace

expected<json_schema> json_schema::compile(json schema, const std::string& where) {
  json_schema made;
  made.root_ = std::move(schema);
  schema_reader reader(made.root_, where, made.patterns_);
  if (auto good = reader.read(made.root_, ""); !good) return tl::make_unexpected(good.error());
  return made;
}

schema_result json_schema::check(const json& value) const {
  checker run(root_, patterns_);
  return run.result(run.check(root_, value, ""));
}

}  // namespace assay::evaluation
