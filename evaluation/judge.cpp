#include "evaluation/judge.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "evaluation/judges/program_text.hpp"
#include "evaluation/judges/text_judge.hpp"
#include "messages/task_key.hpp"

namespace assay::evaluation {

namespace {

/// Options of judge_settings beside `filters`, which every judge takes.
enum judge_option : unsigned {
  no_option = 0,
  pattern = 1,
  normalisation = 2,  ///< ignore_case, ignore_punctuation, ignore_numbers, regexes_to_ignore
  tolerances = 4,
  json_fields = 8,
  schema_file = 16,
  k = 32,
  compare = 64,
};

struct judge_type {
  std::string_view name;
  unsigned takes;
  unsigned needs;
  made_judge (*make)(const judge_settings&, const std::string& where);
};

// clang-format off
constexpr std::array<judge_type, 17> types = {{
    {"choice",         no_option,                                no_option,   make_choice},
    {"docfinqa",       no_option,                                no_option,   make_docfinqa},
    {"drop",           no_option,                                no_option,   make_drop},
    {"exact",          normalisation,                            no_option,   make_exact},
    {"finqa",          no_option,                                no_option,   make_finqa},
    {"gsm8k-flexible", no_option,                                no_option,   make_gsm8k_flexible},
    {"gsm8k-strict",   no_option,                                no_option,   make_gsm8k_strict},
    {"includes",       normalisation,                            no_option,   make_includes},
    {"json-fields",    json_fields | normalisation | tolerances, json_fields, make_json_fields},
    {"json-schema",    schema_file,                              schema_file, make_json_schema},
    {"mmlu-simple",    no_option,                                no_option,   make_mmlu_simple},
    {"numeric",        tolerances,                               no_option,   make_numeric},
    {"pass-at-k",      k | normalisation,                        no_option,   make_exact},
    {"program",        compare | k | normalisation | tolerances, no_option,   make_program},
    {"regex",          pattern | normalisation,                  pattern,     make_pattern},
    {"squad-em",       no_option,                                no_option,   make_squad_em},
    {"squad-f1",       no_option,                                no_option,   make_squad_f1},
}};

/// An option, whether the settings use it, and the name it has in a file.
struct used_option {
  unsigned option;
  std::string_view name;
  bool (*used)(const judge_settings&);
};

constexpr std::array<used_option, 11> options = {{
    {pattern,       "pattern",            [](const judge_settings& s) { return !s.pattern.empty(); }},
    {normalisation, "ignore_case",        [](const judge_settings& s) { return s.ignore_case; }},
    {normalisation, "ignore_punctuation", [](const judge_settings& s) { return s.ignore_punctuation; }},
    {normalisation, "ignore_numbers",     [](const judge_settings& s) { return s.ignore_numbers; }},
    {normalisation, "regexes_to_ignore",  [](const judge_settings& s) { return !s.regexes_to_ignore.empty(); }},
    {tolerances,    "tolerance",          [](const judge_settings& s) { return s.tolerance != 0; }},
    {tolerances,    "relative_tolerance", [](const judge_settings& s) { return s.relative_tolerance != 0; }},
    {json_fields,   "json_fields",        [](const judge_settings& s) { return !s.json_fields.empty(); }},
    {schema_file,   "schema_file",        [](const judge_settings& s) { return !s.schema_file.empty(); }},
    {k,             "k",                  [](const judge_settings& s) { return s.k != 1; }},
    {compare,       "compare",            [](const judge_settings& s) { return !s.compare.empty(); }},
}};
// clang-format on

/// Part of every judge version: raised when a rule in this folder changes what it says.
constexpr std::string_view rules_revision = "1";

std::string place_of(const judge_settings& settings) {
  auto name = "judge '" + settings.name + "'";
  return settings.declared_at.empty() ? name : settings.declared_at + ": " + name;
}

expected<void> check_options(const judge_type& type, const judge_settings& settings,
                             const std::string& where) {
  std::string has;
  for (auto& o : options)
    if (type.takes & o.option) has += (has.empty() ? "" : ", ") + std::string(o.name);
  for (auto& o : options) {
    bool used = o.used(settings);
    if (used && !(type.takes & o.option))
      return fail(where, "'" + settings.type + "' has no option '" + std::string(o.name) + "'",
                  has.empty() ? "it takes filters only" : "it takes " + has);
    if (!used && (type.needs & o.option))
      return fail(where, "'" + settings.type + "' needs the option '" + std::string(o.name) + "'",
                  "set " + std::string(o.name));
  }
  if (!(settings.tolerance >= 0) || !(settings.relative_tolerance >= 0))
    return fail(where, "a tolerance must not be negative");
  if (settings.k < 1) return fail(where, "k must be at least 1");
  return {};
}

/// Contents of schema files, read once in the life of the process.
std::string content_of(const std::string& path) {
  static std::mutex lock;
  static std::map<std::string, std::string> contents;
  std::lock_guard guard(lock);
  auto [at, is_new] = contents.try_emplace(path);
  if (is_new) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    at->second = text.str();
  }
  return at->second;
}

/// Appends length and text, so that neighbours cannot run into each other.
void add(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

template <class List>
void add_all(std::string& out, const List& texts) {
  add(out, std::to_string(texts.size()));
  for (auto& text : texts) add(out, text);
}

void add_number(std::string& out, double x) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.17g", x);
  add(out, buffer);
}

}  // namespace

std::vector<std::string_view> judge_types() {
  std::vector<std::string_view> names;
  for (auto& type : types) names.push_back(type.name);
  return names;
}

expected<std::shared_ptr<const rule_judge>> make_judge(const judge_settings& settings) {
  auto where = place_of(settings);
  auto type = std::find_if(types.begin(), types.end(),
                           [&](const judge_type& t) { return t.name == settings.type; });
  if (type == types.end()) {
    auto close = nearest(settings.type, judge_types());
    std::string all;
    for (auto& t : types) all += (all.empty() ? "" : ", ") + std::string(t.name);
    return fail(where, "there is no judge type '" + settings.type + "'; there are " + all,
                close.empty() ? "" : "did you mean '" + std::string(close) + "'?");
  }
  if (auto good = check_options(*type, settings, where); !good)
    return tl::make_unexpected(good.error());
  return type->make(settings, where);
}

verdict judge_record(const rule_judge& judge, const judge_settings& settings, const record& r) {
  verdict v;
  switch (r.got.status) {
    case outcome_status::answered:
      v = judge.score(r.asked.item, r.got.reply);
      break;
    case outcome_status::refused:
      v = scored(0, "", "the model declined");
      break;
    case outcome_status::filtered:
      v = scored(0, "", "a content filter held the answer back");
      break;
    case outcome_status::error:
      v = unscored("no answer: " + std::string(to_string(r.got.error.kind)));
      break;
  }
  v.key = r.asked.key;
  v.judge = settings.name;
  v.judge_version = judge_version(settings, r.asked.item);
  return v;
}

std::string judge_version(const judge_settings& settings, const sample& item) {
  std::string rule;
  rule.reserve(256);
  add(rule, rules_revision);
  add(rule, settings.type);
  add(rule, std::to_string(settings.filters.size()));
  for (auto& filter : settings.filters) {
    add(rule, filter.type);
    add(rule, filter.pattern);
    add(rule, filter.replacement);
    add(rule, std::to_string(filter.select));
  }
  add(rule, settings.pattern);
  add(rule, settings.ignore_case ? "1" : "0");
  add(rule, settings.ignore_punctuation ? "1" : "0");
  add(rule, settings.ignore_numbers ? "1" : "0");
  add_all(rule, settings.regexes_to_ignore);
  add_number(rule, settings.tolerance);
  add_number(rule, settings.relative_tolerance);
  add_all(rule, settings.json_fields);
  if (!settings.schema_file.empty()) add(rule, content_of(settings.schema_file));
  if (!settings.compare.empty()) add(rule, settings.compare);
  std::string target;
  add_all(target, item.targets);
  add_all(target, item.choices);
  if (auto test = test_of(item); test && settings.type == "program") {
    add(target, item.input);
    add(target, test->entry_point);
    add(target, test->code);
  }
  return to_string(hash_parts({rule, target}));
}

}  // namespace assay::evaluation
