#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Picks named fields out of JSON text in one pass, without building a tree: what a stream event
/// costs is what its bytes cost.
namespace assay::dialects {

/// What stands at a field. Objects and arrays are told of when they open, or, if the field takes
/// them whole, with their text when they close.
struct json_value {
  enum class kind : std::uint8_t { null, boolean, number, string, object, array };

  kind is = kind::null;
  bool flag = false;
  double number = 0;
  std::int64_t integer = 0;  ///< `number` without its fraction, 0 if it does not fit
  std::string_view text{};   ///< valid during the call only

  bool is_text() const { return is == kind::string; }
  /// True unless null, false, 0 or "".
  bool truthy() const;
  /// A count that is not negative, also out of a string such as "12".
  std::optional<std::int64_t> count() const;
  /// A finite number, also out of a string.
  std::optional<double> amount() const;
  /// Text as it is, a number as its digits, else empty.
  std::string word() const;
};

/// A field by its path: `usage.prompt_tokens`, `choices[].delta.content`. An array at the root is
/// passed over: its elements count as roots.
struct json_field {
  std::string_view path;
  int id;
  bool whole = false;  ///< objects and arrays come as their text
};

/// The fields of one dialect as a tree of their names.
class field_tree {
 public:
  explicit field_tree(std::span<const json_field>);

  static constexpr int none = -1;
  /// The node called `name` below `node`, or `none`.
  int child(int node, std::string_view name) const;
  /// The field that ends at `node`, or `none`.
  int field(int node) const { return nodes_[static_cast<std::size_t>(node)].id; }
  bool takes_whole(int node) const { return nodes_[static_cast<std::size_t>(node)].whole; }

 private:
  struct node {
    std::string_view name;
    int id = none;
    bool whole = false;
    int first_child = none;
    int next = none;
  };
  int add(int parent, std::string_view name);

  std::vector<node> nodes_;
};

/// Takes the fields in the order in which they stand in the text.
class field_sink {
 public:
  virtual ~field_sink() = default;
  virtual void take(int id, const json_value&) = 0;
};

/// Walks `json`. False if it is not JSON (valid UTF-8 included); the fields before the fault have
/// been handed on by then.
bool scan_fields(const field_tree&, std::string_view json, field_sink&);

}  // namespace assay::dialects
