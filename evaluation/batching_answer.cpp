#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "evaluation/batching.hpp"

namespace assay::evaluation {

namespace {

using nlohmann::json;

/// The text is looked through this many times at most, however its braces are nested.
constexpr std::size_t most_passes = 16;

bool is_escape(std::string_view text, std::size_t at) {
  static constexpr std::string_view known = "\"\\/bfnrtu";
  return at < text.size() && known.find(text[at]) != known.npos;
}

void add_control(std::string& out, char c) {
  static constexpr char digits[] = "0123456789abcdef";
  auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

/// The object that begins at `text[at] == '{'`, mended: raw control characters within strings and
/// backslashes that escape nothing are written as JSON wants them. `end` is the place after it.
/// Empty if it does not end.
std::string object_at(std::string_view text, std::size_t at, std::size_t& end) {
  std::string out;
  std::size_t depth = 0;
  bool quoted = false;
  for (end = at; end < text.size();) {
    char c = text[end++];
    if (quoted && c == '\\') {
      out += is_escape(text, end) ? "\\" : "\\\\";
      if (is_escape(text, end)) out += text[end++];
      continue;
    }
    if (quoted && static_cast<unsigned char>(c) < 0x20) {
      add_control(out, c);
      continue;
    }
    out += c;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '{') ++depth;
    if (c == '}' && --depth == 0) return out;
  }
  return {};
}

/// A whole number, also as text or written as 1.0.
std::optional<std::int64_t> number_of(const json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) {
    auto real = value.get<double>();
    if (real >= -1e9 && real <= 1e9 && real == static_cast<double>(static_cast<int>(real)))
      return static_cast<std::int64_t>(real);
    return std::nullopt;
  }
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  std::int64_t number = 0;
  auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || next != text.data() + text.size())
    return std::nullopt;
  return number;
}

/// What was answered under which number.
class collected {
 public:
  explicit collected(std::size_t items) : items_(items) {}

  /// Takes an object that is an item, or that maps numbers to answers.
  bool take(const json& object) {
    if (object.contains("id") && object.contains("answer")) {
      if (auto number = number_of(object["id"])) add(*number, object["answer"]);
      return true;
    }
    bool numbered =
        !object.empty() && std::all_of(object.items().begin(), object.items().end(),
                                       [](const auto& e) { return number_of(e.key()); });
    if (!numbered) return false;
    for (const auto& [key, value] : object.items()) add(*number_of(key), value);
    return true;
  }

  std::vector<std::optional<std::string>> result() {
    std::vector<std::optional<std::string>> answers(items_);
    bool slipped = foreign_below_ || (foreign_above_ && answers_.size() < items_);
    if (slipped) return answers;
    for (auto& [number, text] : answers_)
      if (!disputed_.contains(number))
        answers[static_cast<std::size_t>(number - 1)] = std::move(text);
    return answers;
  }

 private:
  void add(std::int64_t number, const json& value) {
    if (number < 1) {
      foreign_below_ = true;
    } else if (static_cast<std::uint64_t>(number) > items_) {
      foreign_above_ = true;
    } else if (!value.is_null()) {
      auto text = value.is_string() ? value.get<std::string>() : value.dump();
      auto [known, added] = answers_.try_emplace(number, text);
      if (!added && known->second != text) disputed_.insert(number);
    }
  }

  std::size_t items_;
  std::map<std::int64_t, std::string> answers_;
  std::set<std::int64_t> disputed_;  ///< answered twice, differently
  bool foreign_below_ = false;
  bool foreign_above_ = false;
};

}  // namespace

/// Goes from brace to brace: whatever is an object is tried, what is none of ours is looked into.
std::vector<std::optional<std::string>> split(std::string_view text, std::size_t items) {
  collected answers(items);
  auto effort = most_passes * text.size();
  for (auto at = text.find('{'); at != text.npos; at = text.find('{', at)) {
    std::size_t end = at;
    auto mended = object_at(text, at, end);
    auto object =
        mended.empty() ? json(json::value_t::discarded) : json::parse(mended, nullptr, false);
    bool taken = object.is_object() && answers.take(object);
    if (end - at > effort) break;
    effort -= end - at;
    at = taken ? end : at + 1;
  }
  return answers.result();
}

}  // namespace assay::evaluation
