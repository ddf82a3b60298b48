#include <algorithm>
#include <functional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "app/compare/sides.hpp"

namespace assay::compare {

namespace {

using value_of_row =
    std::function<std::string(const row&, const row_names&)>;  ///< empty: it names no cluster

constexpr std::size_t most_named = 12;

/// The value of tags like `name:value` or `name=value`.
std::string value_in(const std::vector<std::string>& tags, const std::string& name) {
  for (const auto& tag : tags)
    if (tag.size() > name.size() + 1 && tag.compare(0, name.size(), name) == 0 &&
        (tag[name.size()] == ':' || tag[name.size()] == '='))
      return tag.substr(name.size() + 1);
  return {};
}

void assign(material& into, const value_of_row& value) {
  std::unordered_set<std::uint64_t> alone;
  for (std::size_t s = 0; s < into.sides.size(); ++s)
    for (std::size_t r = 0; r < into.sides[s].rows.size(); ++r) {
      auto& row = into.sides[s].rows[r];
      const auto text = value(row, into.names[s][r]);
      if (text.empty()) alone.insert(row.sample);
      row.cluster = text.empty() ? row.sample : std::hash<std::string>{}(text);
    }
  into.without_cluster = alone.size();
}

bool names_any(const material& read, const value_of_row& value) {
  for (std::size_t s = 0; s < read.sides.size(); ++s)
    for (std::size_t r = 0; r < read.sides[s].rows.size(); ++r)
      if (!value(read.sides[s].rows[r], read.names[s][r]).empty()) return true;
  return false;
}

/// The values of a field, by task; and the names of all fields.
struct field_values {
  std::unordered_map<task_key, std::string> values;
  std::set<std::string> names;
};

expected<field_values> read_field(const std::vector<source>& sources, const std::string& name) {
  field_values result;
  for (const auto& from : sources) {
    auto read =
        from.ledger->sample_fields(from.run.id, [&](const task_key& key, const auto& fields) {
          for (const auto& [field, value] : fields) {
            if (result.names.size() < most_named) result.names.insert(field);
            if (field == name) result.values.emplace(key, value);
          }
        });
    if (!read) return tl::make_unexpected(read.error());
  }
  return result;
}

problem no_such_cluster(const std::string& name, const std::set<std::string>& fields) {
  std::string known = "dataset, task_type, difficulty";
  for (const auto& field : fields) known += ", " + field;
  return {"--cluster", "no sample has a field `" + name + "`, or a tag `" + name + ":...`",
          "there are: " + known};
}

}  // namespace

expected<void> set_clusters(material& into, const std::vector<source>& sources,
                            const std::string& name) {
  std::string cell::*part = name == "dataset"      ? &cell::dataset
                            : name == "task_type"  ? &cell::task_type
                            : name == "difficulty" ? &cell::difficulty
                                                   : nullptr;
  value_of_row value = [&](const row& r, const row_names& known) {
    return part ? into.cells[r.cell].*part : value_in(into.tag_lists[known.tag_list], name);
  };
  if (part || names_any(into, value)) {
    assign(into, value);
    return {};
  }
  auto field = read_field(sources, name);
  if (!field) return tl::make_unexpected(field.error());
  if (field->values.empty()) return tl::make_unexpected(no_such_cluster(name, field->names));
  assign(into, [&](const row&, const row_names& known) {
    auto at = field->values.find(known.key);
    return at == field->values.end() ? std::string{} : at->second;
  });
  return {};
}

}  // namespace assay::compare
