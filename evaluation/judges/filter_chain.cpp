#include "evaluation/judges/filter_chain.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "evaluation/data/field_path.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

/// One function per filter type.
struct filter_steps {
  using step = filter_chain::step;

  static search_status keep(const step&, std::string&) { return search_status::found; }

  static search_status find(const step& s, std::string& text) {
    auto result = s.pattern.find(text, s.settings.select);
    if (result.status == search_status::found) text = std::string(strip(result.text));
    return result.status;
  }

  static search_status replace(const step& s, std::string& text) {
    return s.pattern.replace_all(text, s.settings.replacement) ? search_status::found
                                                               : search_status::gave_up;
  }

  template <std::string (*Change)(std::string_view)>
  static search_status change(const step&, std::string& text) {
    text = Change(text);
    return search_status::found;
  }

  static search_status trim(const step&, std::string& text) {
    text = std::string(strip(text));
    return search_status::found;
  }

  static search_status first_line(const step&, std::string& text) {
    auto all = strip(text);
    text = std::string(strip(all.substr(0, all.find('\n'))));
    return search_status::found;
  }

  static search_status last_line(const step&, std::string& text) {
    auto all = strip(text);
    auto start = all.rfind('\n');
    text = std::string(start == std::string_view::npos ? all : strip(all.substr(start + 1)));
    return search_status::found;
  }

  static std::size_t place(const step& s, const std::string& text) {
    return s.settings.select < 0 ? text.rfind(s.settings.pattern) : text.find(s.settings.pattern);
  }

  static search_status after(const step& s, std::string& text) {
    auto at = place(s, text);
    if (at == std::string::npos) return search_status::none;
    text.erase(0, at + s.settings.pattern.size());
    return search_status::found;
  }

  static search_status before(const step& s, std::string& text) {
    if (auto at = place(s, text); at != std::string::npos) text.erase(at);
    return search_status::found;
  }

  static search_status json(const step& s, std::string& text) {
    row object;
    bool good = each_member(find_json_object(text),
                            [&](std::string&& name, value_kind kind, std::string_view raw) {
                              object.fields.emplace_back(std::move(name), text_of(kind, raw));
                              object.kinds.push_back(kind);
                            });
    if (!good) return search_status::none;
    auto value = field_path(s.settings.pattern).find(object);
    if (!value || value->kind == value_kind::null) return search_status::none;
    text = std::move(value->text);
    return search_status::found;
  }

  static search_status code_block(const step&, std::string& text) {
    std::optional<std::string> block;
    for (auto open = text.find("```"); open != std::string::npos;) {
      auto begin = text.find('\n', open);
      if (begin == std::string::npos) break;
      auto close = text.find("```", begin);
      if (close == std::string::npos) break;
      block = text.substr(begin + 1, close - begin - 1);
      open = text.find("```", close + 3);
    }
    if (!block) return search_status::none;
    text = std::move(*block);
    return search_status::found;
  }
};

namespace {

/// What of a filter's settings its type uses.
enum filter_option : unsigned {
  no_option = 0,
  needs_regex = 1,
  needs_text = 2,
  takes_replacement = 4,
  takes_select = 8,
};

struct filter_type {
  std::string_view name;
  unsigned options;
  search_status (*run)(const filter_steps::step&, std::string&);
};

// clang-format off
constexpr std::array<filter_type, 15> types = {{
    {"after",               needs_text | takes_select,       filter_steps::after},
    {"before",              needs_text | takes_select,       filter_steps::before},
    {"code_block",          no_option,                       filter_steps::code_block},
    {"collapse_whitespace", no_option,                       filter_steps::change<collapse_space>},
    {"first_line",          no_option,                       filter_steps::first_line},
    {"json",                needs_text,                      filter_steps::json},
    {"last_line",           no_option,                       filter_steps::last_line},
    {"lowercase",           no_option,                       filter_steps::change<lower>},
    {"regex",               needs_regex | takes_select,      filter_steps::find},
    {"remove_punctuation",  no_option,                       filter_steps::change<remove_punctuation>},
    {"remove_whitespace",   no_option,                       filter_steps::change<remove_space>},
    {"replace",             needs_regex | takes_replacement, filter_steps::replace},
    {"strip",               no_option,                       filter_steps::trim},
    {"take_first",          no_option,                       filter_steps::keep},
    {"uppercase",           no_option,                       filter_steps::change<upper>},
}};
// clang-format on

expected<void> check_options(const filter_type& type, const filter_settings& settings,
                             const std::string& where) {
  bool needs_pattern = type.options & (needs_regex | needs_text);
  auto refuse = [&](const char* option) {
    return fail(where, "the filter '" + settings.type + "' has no option '" + option + "'",
                "take it out");
  };
  if (needs_pattern && settings.pattern.empty())
    return fail(where, "the filter '" + settings.type + "' needs a pattern", "set pattern");
  if (!needs_pattern && !settings.pattern.empty()) return refuse("pattern");
  if (!(type.options & takes_replacement) && !settings.replacement.empty())
    return refuse("replacement");
  if (!(type.options & takes_select) && settings.select != 0) return refuse("select");
  return {};
}

}  // namespace

std::vector<std::string_view> filter_types() {
  std::vector<std::string_view> names;
  for (auto& type : types) names.push_back(type.name);
  return names;
}

expected<filter_chain> filter_chain::make(const std::vector<filter_settings>& filters,
                                          const std::string& where) {
  filter_chain chain;
  for (std::size_t i = 0; i < filters.size(); ++i) {
    auto& settings = filters[i];
    auto place = where + ", filter " + std::to_string(i + 1);
    auto type = std::find_if(types.begin(), types.end(),
                             [&](const filter_type& t) { return t.name == settings.type; });
    if (type == types.end()) {
      auto close = nearest(settings.type, filter_types());
      return fail(place, "there is no filter '" + settings.type + "'",
                  close.empty() ? "" : "did you mean '" + std::string(close) + "'?");
    }
    if (auto good = check_options(*type, settings, place); !good)
      return tl::make_unexpected(good.error());
    step made{settings, type->run, {}};
    if (type->options & needs_regex) {
      auto pattern = regex::compile(settings.pattern, place);
      if (!pattern) return tl::make_unexpected(pattern.error());
      made.pattern = std::move(*pattern);
    }
    chain.steps_.push_back(std::move(made));
  }
  return chain;
}

filtered filter_chain::apply(std::string text) const {
  filtered result;
  result.text = std::move(text);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    result.status = steps_[i].run(steps_[i], result.text);
    if (result.status == search_status::found) continue;
    auto& settings = steps_[i].settings;
    result.note = "filter " + std::to_string(i + 1) + " (" + settings.type;
    if (!settings.pattern.empty()) result.note += " '" + settings.pattern.substr(0, 200) + "'";
    result.note += result.status == search_status::none
                       ? ") found nothing"
                       : ") gave up: its pattern backtracks too much on this answer";
    break;
  }
  return result;
}

}  // namespace assay::evaluation
