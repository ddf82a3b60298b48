#include "evaluation/judges/judge_type.hpp"

#include <algorithm>
#include <array>

#include "evaluation/judge.hpp"
#include "evaluation/task_identity.hpp"

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
  command = 128,
  models = 256,
  panel_option = 512,  ///< system, prompt, vote, tie, asks
  panel = models | panel_option,
  partial = 1024,
  rubric = 2048,
  against = 4096,
};

// clang-format off
constexpr std::array<judge_type, 25> types = {{
    {"assertions",        no_option,                                no_option},
    {"choice",            no_option,                                no_option},
    {"closed_qa",         panel | against,                          models},
    {"command",           command,                                  command},
    {"docfinqa",          no_option,                                no_option},
    {"drop",              no_option,                                no_option},
    {"exact",             normalisation,                            no_option},
    {"finqa",             no_option,                                no_option},
    {"gsm8k-flexible",    no_option,                                no_option},
    {"gsm8k-strict",      no_option,                                no_option},
    {"includes",          normalisation,                            no_option},
    {"json-fields",       json_fields | normalisation | tolerances, json_fields},
    {"json-schema",       schema_file,                              schema_file},
    {"mmlu-simple",       no_option,                                no_option},
    {"model_graded_fact", panel | against,                          models},
    {"model_graded_qa",   panel | partial | against,                models},
    {"numeric",           tolerances,                               no_option},
    {"pairwise",          panel | against,                          models},
    {"pass-at-k",         k | normalisation,                        no_option},
    {"program",           compare | k | normalisation | tolerances, no_option},
    {"regex",             pattern | normalisation,                  pattern},
    {"rubric",            panel | rubric | against,                 models | rubric},
    {"scale",             panel | against,                          models},
    {"squad-em",          no_option,                                no_option},
    {"squad-f1",          no_option,                                no_option},
}};

/// An option, whether the settings use it, and the name it has in a file.
struct used_option {
  unsigned option;
  std::string_view name;
  bool (*used)(const judge_settings&);
};

constexpr std::array<used_option, 21> options = {{
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
    {command,       "command",            [](const judge_settings& s) { return !s.command.empty(); }},
    {models,        "models",             [](const judge_settings& s) { return !s.grader.models.empty(); }},
    {panel_option,  "system",             [](const judge_settings& s) { return s.grader.system.has_value(); }},
    {panel_option,  "prompt",             [](const judge_settings& s) { return s.grader.prompt.has_value(); }},
    {panel_option,  "vote",               [](const judge_settings& s) { return s.grader.vote != grader_settings{}.vote; }},
    {panel_option,  "tie",                [](const judge_settings& s) { return s.grader.tie != grader_settings{}.tie; }},
    {panel_option,  "asks",               [](const judge_settings& s) { return s.grader.asks != grader_settings{}.asks; }},
    {partial,       "partial_credit",     [](const judge_settings& s) { return s.grader.partial_credit; }},
    {rubric,        "rubric",             [](const judge_settings& s) { return !s.grader.rubric.empty(); }},
    {against,       "against",            [](const judge_settings& s) { return !s.grader.against.empty(); }},
}};
// clang-format on

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

}  // namespace

std::string place_of(const judge_settings& settings) {
  auto name = "judge '" + settings.name + "'";
  return settings.declared_at.empty() ? name : settings.declared_at + ": " + name;
}

std::vector<std::string_view> judge_types() {
  std::vector<std::string_view> names;
  for (auto& type : types) names.push_back(type.name);
  return names;
}

expected<const judge_type*> checked_type(const judge_settings& settings) {
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
  return &*type;
}

void add_filters(hash_text& text, const std::vector<filter_settings>& filters) {
  text.add(std::to_string(filters.size()));
  for (auto& filter : filters) {
    text.add(filter.type);
    text.add(filter.pattern);
    text.add(filter.replacement);
    text.add(std::to_string(filter.select));
  }
}

}  // namespace assay::evaluation
