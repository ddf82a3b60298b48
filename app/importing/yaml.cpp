#include "app/importing/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

namespace assay::importing {

namespace {

constexpr std::size_t most_values = 2'000'000;
constexpr std::size_t deepest = 100;
constexpr std::size_t largest_text = 64 << 20;

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& names, std::string_view text) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

bool is_number(const std::string& text) {
  if (text.find_first_of("0123456789") == std::string::npos) return false;
  if (text.find_first_not_of("0123456789+-.eE") != std::string::npos) return false;
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size();
}

tree::kind kind_of(const std::string& plain) {
  static constexpr std::array<std::string_view, 5> nulls{"", "~", "null", "Null", "NULL"};
  static constexpr std::array<std::string_view, 6> truths{"true",  "True",  "TRUE",
                                                          "false", "False", "FALSE"};
  if (one_of(nulls, plain)) return tree::kind::null;
  if (one_of(truths, plain)) return tree::kind::boolean;
  return is_number(plain) ? tree::kind::number : tree::kind::text;
}

std::size_t size_of(const tree& t) {
  std::size_t all = 1;
  for (auto& item : t.items) all += size_of(item);
  for (auto& [key, value] : t.entries) all += size_of(value);
  return all;
}

/// Thrown through the parser, and caught by `read_yaml`.
struct too_much {
  YAML::Mark at;
  const char* what;
};

/// Builds the tree from what the parser reports. Open lists and tables are on a stack.
class builder : public YAML::EventHandler {
 public:
  std::optional<tree> take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override {
    add(leaf(at, tree::kind::null, {}), anchor, at);
  }
  void OnAlias(const YAML::Mark& at, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw too_much{at, "an alias stands within its own anchor"};
    values_ += size_of(found->second);
    add(tree(found->second), 0, at);
  }
  void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    add(leaf(at, tag == "?" ? kind_of(value) : tree::kind::text, value), anchor, at);
  }
  void OnSequenceStart(const YAML::Mark& at, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(at, tree::kind::list, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& at, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(at, tree::kind::table, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct opened {
    tree value;
    YAML::anchor_t anchor;
    YAML::Mark at;
    std::optional<std::string> key;  ///< of a table: read, its value is next
    std::set<std::string> merged{};  ///< keys of a table that `<<` brought
  };

  static tree leaf(const YAML::Mark& at, tree::kind is, std::string text) {
    return {is, static_cast<std::size_t>(at.line) + 1, std::move(text), {}, {}};
  }

  void open(const YAML::Mark& at, tree::kind is, YAML::anchor_t anchor) {
    if (stack_.size() >= deepest) throw too_much{at, "nested deeper than 100 levels"};
    stack_.push_back({leaf(at, is, {}), anchor, at, {}, {}});
  }

  void close() {
    auto done = std::move(stack_.back());
    stack_.pop_back();
    add(std::move(done.value), done.anchor, done.at);
  }

  void add(tree value, YAML::anchor_t anchor, const YAML::Mark& at) {
    if (++values_ > most_values) throw too_much{at, "more than 2,000,000 values"};
    if (anchor) anchors_[anchor] = value;
    if (stack_.empty()) {
      if (!root_) root_ = std::move(value);
    } else if (auto& into = stack_.back(); into.value.is == tree::kind::list) {
      into.value.items.push_back(std::move(value));
    } else if (!into.key) {
      if (!value.is_scalar()) throw too_much{at, "a key is not a text"};
      into.key = std::move(value.text);
    } else {
      add_entry(into, *std::exchange(into.key, std::nullopt), std::move(value), at);
    }
  }

  static void add_entry(opened& table, std::string key, tree value, const YAML::Mark& at) {
    if (key == "<<") return merge(table, value);
    auto& entries = table.value.entries;
    auto old = std::find_if(entries.begin(), entries.end(), [&](auto& e) { return e.key == key; });
    if (old == entries.end())
      entries.push_back({std::move(key), std::move(value)});
    else if (table.merged.erase(key) > 0)
      old->value = std::move(value);
    else
      throw too_much{at, "the key is written twice"};
  }

  /// What stands in the table itself wins over what is merged.
  static void merge(opened& table, const tree& from) {
    for (auto& part : from.items) merge(table, part);
    for (auto& [key, value] : from.entries) {
      if (table.value.find(key)) continue;
      table.value.entries.push_back({key, value});
      table.merged.insert(key);
    }
  }

  std::vector<opened> stack_;
  std::map<YAML::anchor_t, tree> anchors_;
  std::optional<tree> root_;
  std::size_t values_ = 0;
};

problem problem_at(const std::string& file, const YAML::Mark& at, std::string what) {
  auto where = file;
  if (!at.is_null())
    where += ":" + std::to_string(at.line + 1) + ":" + std::to_string(at.column + 1);
  return {where, std::move(what), {}};
}

}  // namespace

const tree* tree::find(std::string_view key) const {
  for (auto& [name, value] : entries)
    if (name == key) return &value;
  return nullptr;
}

nlohmann::ordered_json tree::json() const {
  using nlohmann::ordered_json;
  switch (is) {
    case kind::null:
      return nullptr;
    case kind::boolean:
      return text[0] == 't' || text[0] == 'T';
    case kind::number: {
      auto exact = ordered_json::parse(text, nullptr, false);
      return exact.is_discarded() ? ordered_json(std::strtod(text.c_str(), nullptr)) : exact;
    }
    case kind::text:
      return text;
    case kind::list: {
      auto list = ordered_json::array();
      for (auto& item : items) list.push_back(item.json());
      return list;
    }
    case kind::table: {
      auto object = ordered_json::object();
      for (auto& [key, value] : entries) object[key] = value.json();
      return object;
    }
  }
  return nullptr;
}

expected<tree> read_yaml(const std::string& text, const std::string& file) {
  if (text.size() > largest_text) return fail(file, "larger than 64 MiB");
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    builder made;
    parser.HandleNextDocument(made);
    if (auto root = made.take()) return std::move(*root);
    return tree{};
  } catch (const too_much& e) {
    return tl::make_unexpected(problem_at(file, e.at, e.what));
  } catch (const YAML::Exception& e) {
    return tl::make_unexpected(problem_at(file, e.mark, e.msg));
  }
}

}  // namespace assay::importing
