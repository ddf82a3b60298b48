#include "providers/dialects/json_fields.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace assay::dialects {

namespace {

using nlohmann::json;

constexpr double exact_integers = 9007199254740992.0;  // 2^53

/// Follows the tree while nlohmann walks the text. Knows the way down to `deepest` levels; what
/// lies deeper, or beside the tree, is only counted.
class walker {
 public:
  using number_integer_t = json::number_integer_t;
  using number_unsigned_t = json::number_unsigned_t;
  using number_float_t = json::number_float_t;
  using string_t = json::string_t;
  using binary_t = json::binary_t;

  walker(const field_tree& tree, field_sink& sink) : tree_(tree), sink_(sink) {}

  bool null() { return give({}); }
  bool boolean(bool flag) { return give({.is = json_value::kind::boolean, .flag = flag}); }
  bool number_integer(number_integer_t n) { return number(static_cast<double>(n), n); }
  bool number_unsigned(number_unsigned_t n) {
    constexpr auto most = static_cast<number_unsigned_t>(INT64_MAX);
    return number(static_cast<double>(n), n <= most ? static_cast<std::int64_t>(n) : 0);
  }
  bool number_float(number_float_t n, const string_t&) {
    return number(n, std::abs(n) < exact_integers ? static_cast<std::int64_t>(n) : 0);
  }
  bool string(string_t& text) { return give({.is = json_value::kind::string, .text = text}); }
  bool binary(binary_t&) { return true; }

  bool key(string_t& name) {
    if (beside_ == 0) next_ = tree_.child(levels_[depth_ - 1].node, name);
    return true;
  }
  bool start_object(std::size_t) { return open(json_value::kind::object); }
  bool start_array(std::size_t) { return open(json_value::kind::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

 private:
  static constexpr std::size_t deepest = 12;
  struct level {
    int node;
    bool array;
  };

  /// The node of the value that comes now.
  int here() const {
    if (beside_ > 0) return field_tree::none;
    if (depth_ == 0) return 0;
    const auto& top = levels_[depth_ - 1];
    return top.array ? top.node : next_;
  }

  bool number(double value, std::int64_t integer) {
    return give({.is = json_value::kind::number, .number = value, .integer = integer});
  }

  bool give(const json_value& value) {
    int node = here();
    if (node != field_tree::none && tree_.field(node) != field_tree::none)
      sink_.take(tree_.field(node), value);
    return true;
  }

  bool open(json_value::kind what) {
    int node = here();
    give({.is = what});
    bool array = what == json_value::kind::array;
    if (array && node > 0) node = tree_.child(node, "[]");
    if (node == field_tree::none || depth_ == deepest)
      ++beside_;
    else
      levels_[depth_++] = {node, array};
    return true;
  }

  bool close() {
    if (beside_ > 0)
      --beside_;
    else
      --depth_;
    return true;
  }

  const field_tree& tree_;
  field_sink& sink_;
  std::array<level, deepest> levels_{};
  std::size_t depth_ = 0;
  std::size_t beside_ = 0;
  int next_ = field_tree::none;
};

}  // namespace

bool json_value::truthy() const {
  switch (is) {
    case kind::null:
      return false;
    case kind::boolean:
      return flag;
    case kind::number:
      return number != 0;
    case kind::string:
      return !text.empty();
    default:
      return true;
  }
}

std::optional<double> json_value::amount() const {
  double value = number;
  if (is == kind::string) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  } else if (is != kind::number) {
    return std::nullopt;
  }
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> json_value::count() const {
  auto value = amount();
  if (!value || *value < 0 || *value >= exact_integers) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::string json_value::word() const {
  if (is == kind::string) return std::string(text);
  return is == kind::number ? std::to_string(integer) : std::string{};
}

field_tree::field_tree(std::span<const json_field> fields) : nodes_(1) {
  for (const auto& field : fields) {
    int node = 0;
    auto rest = field.path;
    while (!rest.empty()) {
      bool element = rest.starts_with("[]");
      auto length = element ? 2 : std::min(rest.find_first_of(".["), rest.size());
      node = add(node, rest.substr(0, length));
      rest.remove_prefix(length);
      if (rest.starts_with('.')) rest.remove_prefix(1);
    }
    nodes_[static_cast<std::size_t>(node)].id = field.id;
  }
}

int field_tree::child(int node, std::string_view name) const {
  if (node == none) return none;
  int at = nodes_[static_cast<std::size_t>(node)].first_child;
  while (at != none && nodes_[static_cast<std::size_t>(at)].name != name)
    at = nodes_[static_cast<std::size_t>(at)].next;
  return at;
}

int field_tree::add(int parent, std::string_view name) {
  if (int known = child(parent, name); known != none) return known;
  int added = static_cast<int>(nodes_.size());
  nodes_.push_back({.name = name});
  // In the order of declaration: the fields met most often are declared first.
  int* link = &nodes_[static_cast<std::size_t>(parent)].first_child;
  while (*link != none) link = &nodes_[static_cast<std::size_t>(*link)].next;
  *link = added;
  return added;
}

bool scan_fields(const field_tree& tree, std::string_view json, field_sink& sink) {
  walker walk(tree, sink);
  return nlohmann::json::sax_parse(json.begin(), json.end(), &walk);
}

}  // namespace assay::dialects
