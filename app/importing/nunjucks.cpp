#include "app/importing/nunjucks.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "evaluation/text/unicode.hpp"

namespace assay::importing {

namespace {

using nlohmann::ordered_json;

enum class piece_kind { text, expression, block, comment };

struct piece {
  piece_kind is;
  std::string text;  ///< of an expression or block: stripped
};

struct brackets {
  std::string_view begin, end;
  piece_kind is;
};

constexpr std::array<brackets, 3> all_brackets{{{"{{", "}}", piece_kind::expression},
                                                {"{%", "%}", piece_kind::block},
                                                {"{#", "#}", piece_kind::comment}}};

void strip_end(std::string& text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos)
    text.pop_back();
}

/// Cuts a template into pieces; `-` at a bracket takes the white space away on that side.
class cutter {
 public:
  explicit cutter(std::string_view text) : text_(text) {}

  expected<std::vector<piece>> cut() {
    while (at_ < text_.size()) {
      auto bracket = std::find_if(all_brackets.begin(), all_brackets.end(),
                                  [&](auto& b) { return text_.substr(at_).starts_with(b.begin); });
      if (bracket == all_brackets.end()) {
        add_text(text_.substr(at_++, 1));
      } else if (auto ok = take(*bracket); !ok) {
        return tl::make_unexpected(ok.error());
      }
    }
    return std::move(pieces_);
  }

 private:
  void add_text(std::string_view text) {
    if (strip_next_ && std::string_view(" \t\r\n").find(text[0]) != std::string_view::npos) return;
    strip_next_ = false;
    if (pieces_.empty() || pieces_.back().is != piece_kind::text)
      pieces_.push_back({piece_kind::text, {}});
    pieces_.back().text += text;
  }

  expected<void> take(const brackets& b) {
    auto end = text_.find(b.end, at_ + 2);
    if (end == std::string_view::npos)
      return fail({}, "'" + std::string(b.begin) + "' is not closed");
    auto inner = text_.substr(at_ + 2, end - at_ - 2);
    at_ = end + 2;
    strip_next_ = false;
    if (inner.starts_with('-')) {
      inner.remove_prefix(1);
      if (!pieces_.empty() && pieces_.back().is == piece_kind::text) strip_end(pieces_.back().text);
    }
    if (inner.ends_with('-')) inner.remove_suffix(1), strip_next_ = true;
    inner = evaluation::strip(inner);
    if (b.is == piece_kind::block && inner == "raw") return take_raw();
    if (b.is != piece_kind::comment) pieces_.push_back({b.is, std::string(inner)});
    return {};
  }

  expected<void> take_raw() {
    auto end = text_.find("{% endraw %}", at_);
    if (end == std::string_view::npos) return fail({}, "{% raw %} is not closed");
    for (; at_ < end; ++at_) add_text(text_.substr(at_, 1));
    at_ = end + std::string_view("{% endraw %}").size();
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool strip_next_ = false;
  std::vector<piece> pieces_;
};

bool is_name_character(char c) {
  return c == '_' || c == '.' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

constexpr std::array<std::string_view, 8> filters{"capitalize", "dump", "escape", "length",
                                                  "lower",      "safe", "trim",   "upper"};

/// `a.b[0] | upper` as `a.b.0|upper`.
expected<std::string> canonical(const std::string& stated) {
  std::string out;
  bool first = true;
  for (std::size_t from = 0; from <= stated.size(); first = false) {
    auto to = std::min(stated.find('|', from), stated.size());
    std::string part(evaluation::strip(std::string_view(stated).substr(from, to - from)));
    from = to + 1;
    if (first) {
      std::string path;
      for (char c : part)
        if (c == '[')
          path += '.';
        else if (c != ']' && c != '"' && c != '\'')
          path += c;
      part = path;
      bool digit = !part.empty() && part[0] >= '0' && part[0] <= '9';
      if (part.empty() || digit || !std::all_of(part.begin(), part.end(), is_name_character))
        return fail({}, "'{{ " + stated + " }}' is not understood");
    } else if (std::find(filters.begin(), filters.end(), part) == filters.end()) {
      return fail({}, "the filter '" + part + "' of '{{ " + stated + " }}' is not understood");
    }
    out += (first ? "" : "|") + part;
  }
  return out;
}

const ordered_json* value_at(const variables& all, std::string_view path) {
  const ordered_json* at = &all;
  for (std::size_t from = 0; from <= path.size();) {
    auto to = std::min(path.find('.', from), path.size());
    std::string step(path.substr(from, to - from));
    from = to + 1;
    bool index = !step.empty() && step.size() < 7 &&
                 step.find_first_not_of("0123456789") == std::string::npos;
    if (at->is_object() && at->contains(step))
      at = &(*at)[step];
    else if (at->is_array() && index && std::stoul(step) < at->size())
      at = &(*at)[std::stoul(step)];
    else
      return nullptr;
  }
  return at;
}

std::string printed(const ordered_json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text)
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  return out;
}

std::string filtered(std::string_view filter, const std::string& text, const ordered_json& value) {
  if (filter == "upper") return evaluation::upper(text);
  if (filter == "lower") return evaluation::lower(text);
  if (filter == "trim") return std::string(evaluation::strip(text));
  if (filter == "escape") return escaped(text);
  if (filter == "dump") return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  if (filter == "length") return std::to_string(value.is_structured() ? value.size() : text.size());
  if (filter == "capitalize") {
    auto low = evaluation::lower(text);
    return low.empty() ? low : evaluation::upper(low.substr(0, 1)) + low.substr(1);
  }
  return text;
}

/// Turns blocks into sections; keeps the open ones.
class section_writer {
 public:
  explicit section_writer(std::set<std::string>& expressions) : expressions_(expressions) {}

  expected<std::string> write(const std::vector<piece>& pieces) {
    for (auto& p : pieces) {
      expected<void> ok;
      if (p.is == piece_kind::text)
        out_ += literal(p.text);
      else if (p.is == piece_kind::expression)
        ok = variable(p.text, "{{fields.", "}}");
      else
        ok = block(p.text);
      if (!ok) return tl::make_unexpected(ok.error());
    }
    if (!open_.empty()) return fail({}, "{% if %} has no {% endif %}");
    return std::move(out_);
  }

 private:
  /// A text of `{% raw %}` may look like mustache.
  static std::string literal(const std::string& text) {
    return text.find("{{") == std::string::npos ? text : "{{=<% %>=}}" + text + "<%={{ }}=%>";
  }

  expected<void> variable(const std::string& stated, const char* before, const char* after) {
    auto name = canonical(stated);
    if (!name) return tl::make_unexpected(name.error());
    expressions_.insert(*name);
    out_ += before + *name + after;
    return {};
  }

  expected<void> block(const std::string& stated) {
    if (stated.starts_with("if ")) {
      auto name = canonical(stated.substr(3));
      if (!name) return fail({}, "'{% " + stated + " %}' is not understood");
      open_.push_back(*name);
      return variable(*name, "{{#fields.", "}}");
    }
    if (open_.empty() || (stated != "else" && stated != "endif"))
      return fail({}, "'{% " + stated + " %}' is not understood");
    out_ += "{{/fields." + open_.back() + "}}";
    if (stated == "else")
      out_ += "{{^fields." + open_.back() + "}}";
    else
      open_.pop_back();
    return {};
  }

  std::set<std::string>& expressions_;
  std::vector<std::string> open_;
  std::string out_;
};

}  // namespace

expected<std::string> evaluate(const std::string& expression, const variables& all) {
  auto bar = std::min(expression.find('|'), expression.size());
  auto found = value_at(all, std::string_view(expression).substr(0, bar));
  ordered_json value = found ? *found : ordered_json();
  auto text = printed(value);
  while (bar < expression.size()) {
    auto next = std::min(expression.find('|', bar + 1), expression.size());
    text = filtered(std::string_view(expression).substr(bar + 1, next - bar - 1), text, value);
    value = text;
    bar = next;
  }
  return text;
}

expected<std::string> fill_in(const std::string& text, const variables& all) {
  auto pieces = cutter(text).cut();
  if (!pieces) return tl::make_unexpected(pieces.error());
  std::string out;
  for (auto& p : *pieces) {
    if (p.is == piece_kind::block) return fail({}, "'{% " + p.text + " %}' is not understood");
    auto name = p.is == piece_kind::expression ? canonical(p.text) : p.text;
    if (!name) return name;
    auto value = p.is == piece_kind::expression ? evaluate(*name, all) : name;
    if (!value) return value;
    out += *value;
  }
  return out;
}

expected<std::string> to_mustache(const std::string& text, std::set<std::string>& expressions) {
  auto pieces = cutter(text).cut();
  if (!pieces) return tl::make_unexpected(pieces.error());
  return section_writer(expressions).write(*pieces);
}

}  // namespace assay::importing
