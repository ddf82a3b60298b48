#include "config/extraction_template.hpp"

#include <cctype>
#include <filesystem>
#include <map>

#include "config/toml.hpp"

namespace assay::config {

template <>
struct names_of<field_type> {
  static constexpr auto& values = field_type_names;
};

namespace {

constexpr std::size_t longest_name = 100;
constexpr rule free_text{.free_text = true};

/// Names end up as members of JSON and in paths such as `fields.NAME.value`.
bool good_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
}

place place_in(const node& table, place otherwise, std::string_view key) {
  const auto* found = find(table, key);
  return found ? found->value.at : otherwise;
}

/// Reads the fields of one template.
class field_reader {
 public:
  field_reader(reading& in, extraction_template& out) : in_(in), out_(out) {}

  void read(const node& list) {
    bool tables = list.kind == node_kind::list &&
                  std::all_of(list.items.begin(), list.items.end(),
                              [](const node& n) { return n.kind == node_kind::table; });
    if (!tables) return mismatch(in_, list, "field", "tables, each begun by [[field]]");
    for (const auto& table : list.items) read_field(table);
  }

 private:
  void read_field(const node& table) {
    template_field field;
    apply(in_, table, table.at, "field", template_field_options(), field);
    field.declared_at = in_.problems.where(table.at);
    if (!field.pattern.empty())
      field.pattern_at = in_.problems.where(place_in(table, table.at, "pattern"));
    if (!field.name.empty()) check_name(field, place_in(table, table.at, "name"));
    check_values(field, table);
    out_.fields.push_back(std::move(field));
  }

  void check_name(const template_field& field, place at) {
    if (!good_name(field.name))
      in_.problems.add(at, "field: " + in_quotes(field.name) + " cannot be a name",
                       "use up to 100 letters, digits, _ and -");
    auto [first, fresh] = names_.emplace(field.name, at);
    if (!fresh)
      in_.problems.add(at, "field " + in_quotes(field.name) + " is declared twice",
                       "first at " + in_.problems.where(first->second));
  }

  void check_values(const template_field& field, const node& table) {
    const auto* stated = find(table, "values");
    if (field.type != field_type::choice && stated)
      in_.problems.add(stated->at, "values: only a field of type \"enum\" has them",
                       "set type = \"enum\", or leave them out");
    if (field.type == field_type::choice && !stated)
      in_.problems.add(table.at, "field: values is missing, expected a list of texts",
                       "a field of type \"enum\" is one of them");
  }

  reading& in_;
  extraction_template& out_;
  std::map<std::string, place> names_;
};

options<template_field> make_field_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<template_field>(
        name, [at](auto& f) -> auto& { return f.*at; }, help, r);
  };
  return {
      required(value("name", &template_field::name, "what the value is called")),
      value("type", &template_field::type, "what the value is"),
      value("description", &template_field::description,
            "what is meant, for the model; its words are also searched for", free_text),
      value("required", &template_field::required, "asked for again if it is said to be nowhere"),
      value("pattern", &template_field::pattern, "regular expression (PCRE) of the value",
            free_text),
      value("values", &template_field::values, "of an enum: what the value may be"),
  };
}

options<extraction_template> make_template_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<extraction_template>(
        name, [at](auto& t) -> auto& { return t.*at; }, help, r);
  };
  auto read_fields = [](reading& in, const node& n, extraction_template& t) {
    field_reader(in, t).read(n);
  };
  return {
      value("name", &extraction_template::name,
            "what the template is called; as its file if unset"),
      value("description", &extraction_template::description,
            "what the documents are, for the model", free_text),
      required(special<extraction_template>("field", "tables, each begun by [[field]]",
                                            "the values that are wanted", read_fields)),
  };
}

}  // namespace

const options<template_field>& template_field_options() {
  static const auto all = make_field_options();
  return all;
}

const options<extraction_template>& template_options() {
  static const auto all = make_template_options();
  return all;
}

checked<extraction_template> parse_template(const std::string& text, const std::string& path,
                                            const environment& env) {
  report problems;
  auto no_files = [](const std::string&) -> expected<std::string> { return fail({}, "no file"); };
  file_reader files = no_files;
  reading in{problems, env, files};
  auto normal = std::filesystem::path(path).lexically_normal();
  auto root = read_toml(text, problems.add_file(normal.string()), env, problems);
  extraction_template out;
  if (root) apply(in, *root, {}, "the template", template_options(), out);
  if (root && problems.empty() && out.fields.empty())
    problems.add(place_in(*root, {}, "field"), "the template has no field", "[[field]] begins one");
  if (!problems.empty()) return tl::make_unexpected(problems.sorted());
  if (out.name.empty()) out.name = normal.stem().string();
  return out;
}

checked<extraction_template> load_template(const std::string& path, const environment& env) {
  auto text = disk()(path);
  if (text) return parse_template(*text, path, env);
  return tl::make_unexpected(std::vector{problem{path, text.error().what, text.error().fix}});
}

}  // namespace assay::config
