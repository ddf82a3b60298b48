#include "storage/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

namespace assay::storage {

namespace {

constexpr std::array<std::string_view, 4> role_names{"system", "user", "assistant", "tool"};
constexpr std::array<std::string_view, 5> dimension_names{"requests", "tokens", "input_tokens",
                                                          "output_tokens", "concurrency"};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

// -- writing --------------------------------------------------------------------------------------

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escaped(std::string& out, char c) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
  }
  out += "\\u00";
  out += digits[static_cast<unsigned char>(c) >> 4];
  out += digits[c & 15];
}

/// False only if none of the eight bytes needs an escape (byte-wise comparison in one word).
bool may_need_escape(const char* eight) {
  constexpr std::uint64_t ones = 0x0101010101010101, highs = ones * 0x80;
  std::uint64_t word;
  std::memcpy(&word, eight, sizeof word);
  auto below = [](std::uint64_t bytes, std::uint64_t limit) {
    return (bytes - ones * limit) & ~bytes & highs;
  };
  return below(word, 0x20) | below(word ^ (ones * '"'), 1) | below(word ^ (ones * '\\'), 1);
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 <= text.size() && !may_need_escape(text.data() + i)) i += 8;
    if (i == text.size()) break;
    if (!needs_escape(text[i])) continue;
    out += text.substr(kept, i - kept);
    append_escaped(out, text[i]);
    kept = i + 1;
  }
  out += text.substr(kept);
  out += '"';
}

/// A member of an object that is not the first.
void append_unless_empty(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out += ',';
  append_quoted(out, name);
  out += ':';
  append_quoted(out, text);
}

/// Infinities as a number that overflows to them (JSON has no other), not-a-number as null.
void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "null";
  } else if (std::isinf(value)) {
    out += value > 0 ? "1e999" : "-1e999";
  } else {
    char digits[32];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
}

// -- reading --------------------------------------------------------------------------------------

/// A cursor over JSON text. Each member consumes what it names and returns false if something else
/// stands there.
class reader {
 public:
  explicit reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool token(std::string_view expected) {
    skip_space();
    if (std::string_view(at_, end_ - at_).substr(0, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  bool at_end() {
    skip_space();
    return at_ == end_;
  }

  bool string(std::string& out) {
    out.clear();
    if (!token("\"")) return false;
    for (;;) {
      auto kept = at_;
      while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
      out.append(kept, at_);
      if (at_ == end_) return false;
      if (*at_++ == '"') return true;
      if (!escape(out)) return false;
    }
  }

  bool number(double& out) {
    if (token("null")) {
      out = std::numeric_limits<double>::quiet_NaN();
      return true;
    }
    auto [next, error] = std::from_chars(at_, end_, out);
    if (error == std::errc::invalid_argument) return false;
    if (error == std::errc::result_out_of_range)
      out = *at_ == '-' ? -std::numeric_limits<double>::infinity()
                        : std::numeric_limits<double>::infinity();
    at_ = next;
    return true;
  }

  /// `open item, item, ... close`
  template <class Item>
  bool sequence(std::string_view open, std::string_view close, Item item) {
    if (!token(open)) return false;
    if (token(close)) return true;
    do {
      if (!item()) return false;
    } while (token(","));
    return token(close);
  }

 private:
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }

  /// The part after a backslash. The writer uses \u for control characters only.
  bool escape(std::string& out) {
    static constexpr std::string_view names = "ntr\"\\", values = "\n\t\r\"\\";
    if (at_ == end_) return false;
    char c = *at_++;
    if (auto i = names.find(c); i != names.npos) {
      out += values[i];
      return true;
    }
    if (c != 'u' || end_ - at_ < 4) return false;
    std::uint32_t code = 0;
    auto [next, error] = std::from_chars(at_, at_ + 4, code, 16);
    if (error != std::errc{} || next != at_ + 4 || code >= 0x80) return false;
    at_ = next;
    out += static_cast<char>(code);
    return true;
  }

  const char* at_;
  const char* end_;
};

bool read_dimension(reader& in, dimension& out) {
  std::string name;
  auto known = in.string(name) ? named<dimension>(dimension_names, name) : std::nullopt;
  if (known) out = *known;
  return known.has_value();
}

/// Numbers of milliseconds and seconds are whole and fit.
bool read_whole(reader& in, std::int64_t& out) {
  double value = 0;
  if (!in.number(value) || !(std::abs(value) < 9e15)) return false;
  out = static_cast<std::int64_t>(value);
  return true;
}

bool read_limit_member(reader& in, rate_header& out) {
  std::string name;
  if (!in.string(name) || !in.token(":")) return false;
  if (name == "counts") return read_dimension(in, out.counts);
  if (name == "limit") return in.number(out.limit);
  if (name == "remaining") return in.number(out.remaining);
  std::int64_t whole = 0;
  if (!read_whole(in, whole)) return false;
  if (name == "reset_ms") out.reset = milliseconds(whole);
  if (name == "window_s") out.window = std::chrono::seconds(whole);
  return name == "reset_ms" || name == "window_s";
}

/// An object whose members are all texts.
template <class T>
struct text_member {
  std::string_view name;
  std::string T::*at;
};

constexpr text_member<tool_call> call_members[] = {
    {"id", &tool_call::id}, {"name", &tool_call::name}, {"arguments", &tool_call::arguments}};
constexpr text_member<tool_declaration> tool_members[] = {
    {"name", &tool_declaration::name},
    {"description", &tool_declaration::description},
    {"parameters", &tool_declaration::parameters}};

template <class T, std::size_t N>
void append_texts(std::string& out, const text_member<T> (&members)[N],
                  const std::vector<T>& items) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    out += i ? ",{" : "{";
    for (const auto& m : members) {
      if (out.back() != '{') out += ',';
      append_quoted(out, m.name);
      out += ':';
      append_quoted(out, items[i].*m.at);
    }
    out += '}';
  }
  out += ']';
}

template <class T, std::size_t N>
bool read_texts(reader& in, const text_member<T> (&members)[N], std::vector<T>& items) {
  items.clear();
  return in.sequence("[", "]", [&] {
    auto& next = items.emplace_back();
    return in.sequence("{", "}", [&] {
      std::string name;
      if (!in.string(name) || !in.token(":")) return false;
      for (const auto& m : members)
        if (m.name == name) return in.string(next.*m.at);
      return false;
    });
  });
}

bool read_message_member(reader& in, chat_message& out) {
  std::string name, value;
  if (!in.string(name) || !in.token(":")) return false;
  if (name == "content") return in.string(out.content);
  if (name == "answers") return in.string(out.answers);
  if (name == "thinking") return in.string(out.thinking);
  if (name == "calls") return read_texts(in, call_members, out.calls);
  if (name != "role" || !in.string(value)) return false;
  auto known = named<role>(role_names, value);
  if (known) out.who = *known;
  return known.has_value();
}

/// `[{member, member}, ...]`
template <class T>
bool read_objects(std::string_view text, std::vector<T>& items, bool (*member)(reader&, T&)) {
  items.clear();
  reader in(text);
  auto item = [&] {
    auto& next = items.emplace_back();
    return in.sequence("{", "}", [&] { return member(in, next); });
  };
  return in.sequence("[", "]", item) && in.at_end();
}

}  // namespace

std::string list_json(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    append_quoted(out, item);
  }
  return out += ']';
}

bool read_list(std::string_view text, std::vector<std::string>& items) {
  items.clear();
  reader in(text);
  return in.sequence("[", "]", [&] { return in.string(items.emplace_back()); }) && in.at_end();
}

std::string fields_json(const field_list& fields) {
  std::string out = "{";
  for (const auto& [name, value] : fields) {
    if (out.size() > 1) out += ',';
    append_quoted(out, name);
    out += ':';
    append_quoted(out, value);
  }
  return out += '}';
}

bool read_fields(std::string_view text, field_list& fields) {
  fields.clear();
  reader in(text);
  auto field = [&] {
    auto& [name, value] = fields.emplace_back();
    return in.string(name) && in.token(":") && in.string(value);
  };
  return in.sequence("{", "}", field) && in.at_end();
}

std::string messages_json(const std::vector<chat_message>& messages) {
  std::string out = "[";
  for (const auto& message : messages) {
    out += out.size() > 1 ? ",{\"role\":\"" : "{\"role\":\"";
    out += role_names[static_cast<std::size_t>(message.who)];
    out += "\",\"content\":";
    append_quoted(out, message.content);
    if (!message.calls.empty()) {
      out += ",\"calls\":";
      append_texts(out, call_members, message.calls);
    }
    append_unless_empty(out, "answers", message.answers);
    append_unless_empty(out, "thinking", message.thinking);
    out += '}';
  }
  return out += ']';
}

bool read_messages(std::string_view text, std::vector<chat_message>& messages) {
  return read_objects(text, messages, read_message_member);
}

std::string calls_json(const std::vector<tool_call>& calls) {
  std::string out;
  append_texts(out, call_members, calls);
  return out;
}

bool read_calls(std::string_view text, std::vector<tool_call>& calls) {
  reader in(text);
  return read_texts(in, call_members, calls) && in.at_end();
}

std::string tools_json(const std::vector<tool_declaration>& tools) {
  std::string out;
  append_texts(out, tool_members, tools);
  return out;
}

bool read_tools(std::string_view text, std::vector<tool_declaration>& tools) {
  reader in(text);
  return read_texts(in, tool_members, tools) && in.at_end();
}

std::string limits_json(const std::vector<rate_header>& limits) {
  std::string out = "[";
  for (const auto& header : limits) {
    out += out.size() > 1 ? ",{\"counts\":\"" : "{\"counts\":\"";
    out += dimension_names[static_cast<std::size_t>(header.counts)];
    out += "\",\"limit\":";
    append_number(out, header.limit);
    out += ",\"remaining\":";
    append_number(out, header.remaining);
    if (header.reset) out += ",\"reset_ms\":" + std::to_string(header.reset->count());
    if (header.window) out += ",\"window_s\":" + std::to_string(header.window->count());
    out += '}';
  }
  return out += ']';
}

bool read_limits(std::string_view text, std::vector<rate_header>& limits) {
  return read_objects(text, limits, read_limit_member);
}

}  // namespace assay::storage
