#include "providers/dialects/json_fields.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "providers/dialects/json_lexer.hpp"

namespace assay::dialects {

namespace {

constexpr double exact_integers = 9007199254740992.0;  // 2^53

/// Follows the tree while the text is read. Knows the way down to `deepest` levels; what lies
/// deeper, or beside the tree, is only counted.
class walker {
 public:
  walker(const field_tree& tree, field_sink& sink) : tree_(tree), sink_(sink) {}

  void key(std::string_view name) {
    if (beside_ == 0) next_ = tree_.child(levels_[depth_ - 1].node, name);
  }

  void give(const json_value& value) {
    int node = here();
    if (node != field_tree::none && tree_.field(node) != field_tree::none)
      sink_.take(tree_.field(node), value);
  }

  /// `begin`: where its bracket stands.
  void open(json_value::kind what, const char* begin) {
    int node = here();
    if (node != field_tree::none && tree_.takes_whole(node)) {
      whole_ = {what, tree_.field(node), begin};
      ++beside_;
      return;
    }
    give({.is = what});
    bool array = what == json_value::kind::array;
    if (array && node > 0) node = tree_.child(node, "[]");
    if (node == field_tree::none || depth_ == deepest)
      ++beside_;
    else
      levels_[depth_++] = {node, array};
  }

  /// `end`: behind its bracket.
  void close(const char* end) {
    if (beside_ == 0) {
      --depth_;
    } else if (--beside_ == 0 && whole_.begin) {
      const auto* begin = std::exchange(whole_.begin, nullptr);
      sink_.take(whole_.id,
                 {.is = whole_.is, .text = {begin, static_cast<std::size_t>(end - begin)}});
    }
  }

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

  /// The value at hand that is taken whole, if `begin` is not null.
  struct span {
    json_value::kind is = json_value::kind::null;
    int id = field_tree::none;
    const char* begin = nullptr;
  };

  const field_tree& tree_;
  field_sink& sink_;
  span whole_;
  std::array<level, deepest> levels_{};
  std::size_t depth_ = 0;
  std::size_t beside_ = 0;
  int next_ = field_tree::none;
};

/// Reads one JSON text; nesting costs a byte a level.
class document {
 public:
  document(std::string_view json, walker& to) : in_(json), to_(to) {}

  bool read() {
    if (!value()) return false;
    while (!open_.empty())
      if (!element()) return false;
    return in_.peek() == json_lexer::end;
  }

 private:
  using kind = json_value::kind;

  /// What follows within the innermost bracket.
  bool element() {
    bool object = open_.back() == '{';
    auto next = in_.peek();
    if (next == (object ? '}' : ']')) {
      in_.skip();
      open_.pop_back();
      to_.close(in_.position());
      first_ = false;
      return true;
    }
    if (!first_) {
      if (next != ',') return false;
      in_.skip();
    }
    return (!object || key()) && value();
  }

  bool key() {
    std::string_view name;
    if (in_.peek() != '"' || !in_.string(name)) return false;
    to_.key(name);
    if (in_.peek() != ':') return false;
    in_.skip();
    return true;
  }

  bool value() {
    first_ = false;
    switch (in_.peek()) {
      case '{':
        return open('{', kind::object);
      case '[':
        return open('[', kind::array);
      case '"': {
        std::string_view text;
        return in_.string(text) && give({.is = kind::string, .text = text});
      }
      case 't':
        return in_.word("true") && give({.is = kind::boolean, .flag = true});
      case 'f':
        return in_.word("false") && give({.is = kind::boolean});
      case 'n':
        return in_.word("null") && give({});
      default: {
        json_lexer::number_value n;
        return in_.number(n) && give({.is = kind::number, .number = n.value, .integer = n.integer});
      }
    }
  }

  bool open(char bracket, kind what) {
    to_.open(what, in_.position());
    in_.skip();
    open_ += bracket;
    first_ = true;
    return true;
  }

  bool give(const json_value& value) {
    to_.give(value);
    return true;
  }

  json_lexer in_;
  walker& to_;
  std::string open_;    ///< the brackets around this place
  bool first_ = false;  ///< nothing has been read since the last bracket opened
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
    nodes_[static_cast<std::size_t>(node)].whole = field.whole;
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
  return document(json, walk).read();
}

}  // namespace assay::dialects
