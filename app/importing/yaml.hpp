#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/problem.hpp"

namespace assay::importing {

struct tree_entry;

/// A value of a YAML (or JSON) text that knows its line. Aliases are copied, merge keys (`<<`)
/// merged.
struct tree {
  enum class kind : std::uint8_t { null, boolean, number, text, list, table };

  kind is = kind::null;
  std::size_t line = 1;
  std::string text;  ///< of a scalar, as it stands there without quotes
  std::vector<tree> items;
  std::vector<tree_entry> entries;

  /// The entry of a table, or null.
  const tree* find(std::string_view key) const;
  bool is_scalar() const { return is != kind::list && is != kind::table; }
  nlohmann::ordered_json json() const;
};

struct tree_entry {
  std::string key;
  tree value;
};

/// Reads one document (YAML 1.2's core schema for scalars). A problem says `file:line:column`, also
/// for what is nested too deeply or grows too large by aliases.
expected<tree> read_yaml(const std::string& text, const std::string& file);

}  // namespace assay::importing
