#include "config/toml.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <string>

#include "config/environment.hpp"
#include "config/text.hpp"

namespace assay::config {

namespace {

struct hint {
  std::string_view sign;
  std::string_view fix;
};

/// What usually lies behind a message of the TOML parser.
constexpr std::array<hint, 9> hints{{
    {"cannot redefine", "each key and each table is written once; merge the two"},
    {"could not determine value type", "a text needs quotes: \"...\""},
    {"parsing floating-point", "a text needs quotes: \"...\""},
    {"parsing boolean", "a text needs quotes: \"...\"; truth values are true and false"},
    {"unescaped control characters", "is the closing quote missing?"},
    {"unknown escape sequence", "write \\\\ for a backslash, or put the text in single quotes"},
    {"encountered end-of-file", "is a closing quote or bracket missing?"},
    {"expected a comment or whitespace", "one key = value a line"},
    {"not representable in 64 bits", "use a smaller number"},
}};

std::string fix_for(std::string_view description) {
  for (const auto& [sign, fix] : hints)
    if (description.find(sign) != std::string_view::npos) return std::string(fix);
  return {};
}

/// The parser cuts long messages, perhaps within a character, and quotes what it found as it is.
bool readable(const std::string& text) {
  bool control = std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; });
  return !control && !bad_character(text);
}

class converter {
 public:
  converter(std::uint32_t file, const environment& env, report& problems)
      : file_(file), env_(env), problems_(problems) {}

  node convert(const toml::node& from) {
    node to;
    to.at = place_of(from.source());
    switch (from.type()) {
      case toml::node_type::table:
        table(*from.as_table(), to);
        break;
      case toml::node_type::array:
        to.kind = node_kind::list;
        for (const auto& item : *from.as_array()) to.items.push_back(convert(item));
        break;
      default:
        scalar(from, to);
    }
    return to;
  }

  place place_of(const toml::source_region& source) const {
    return {file_, std::max<std::uint32_t>(1, source.begin.line),
            std::max<std::uint32_t>(1, source.begin.column)};
  }

 private:
  void table(const toml::table& from, node& to) {
    to.kind = node_kind::table;
    for (const auto& [key, value] : from)
      to.entries.push_back({std::string(key.str()), place_of(key.source()), convert(value)});
    std::stable_sort(to.entries.begin(), to.entries.end(),
                     [](const entry& a, const entry& b) { return a.at < b.at; });
  }

  void scalar(const toml::node& from, node& to) {
    if (const auto* text = from.as_string()) {
      string(text->get(), to);
    } else if (const auto* integer = from.as_integer()) {
      to.kind = node_kind::integer;
      to.integer = integer->get();
    } else if (const auto* real = from.as_floating_point()) {
      to.kind = node_kind::real;
      to.real = real->get();
    } else if (const auto* boolean = from.as_boolean()) {
      to.kind = node_kind::boolean;
      to.boolean = boolean->get();
    } else {
      to.kind = node_kind::date;
    }
  }

  void string(const std::string& raw, node& to) {
    if (auto bad = bad_character(raw)) {
      problems_.add(to.at, bad->what);
      return;
    }
    if (!fill_in(raw, env_, problems_, to.at, to.text)) return;
    to.raw = raw;
    to.kind = node_kind::text;
  }

  std::uint32_t file_;
  const environment& env_;
  report& problems_;
};

}  // namespace

std::optional<node> read_toml(std::string_view text, std::uint32_t file, const environment& env,
                              report& problems) {
  if (auto bad = check_text(text)) {
    bad->at.file = file;
    problems.add(bad->at, bad->what, bad->fix);
    return std::nullopt;
  }
  converter tree(file, env, problems);
  try {
    return tree.convert(toml::parse(text));
  } catch (const toml::parse_error& error) {
    std::string description(error.description());
    auto what = readable(description) ? description : "this cannot be read";
    problems.add(tree.place_of(error.source()), "TOML: " + what, fix_for(description));
  } catch (const std::exception& error) {
    problems.add({file, 1, 1}, std::string("TOML: ") + error.what());
  }
  return std::nullopt;
}

}  // namespace assay::config
