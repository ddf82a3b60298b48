#include "evaluation/judge.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "evaluation/judges/judge_type.hpp"
#include "evaluation/judges/program_text.hpp"
#include "evaluation/judges/text_judge.hpp"
#include "evaluation/prompts/program.hpp"
#include "messages/task_key.hpp"

namespace assay::evaluation {

namespace {

/// Who makes the judges of each type that scores by a rule.
struct rule_maker {
  std::string_view type;
  made_judge (*make)(const judge_settings&, const std::string& where);
};

constexpr std::array<rule_maker, 19> makers = {{
    {"assertions", make_assertions},
    {"choice", make_choice},
    {"command", [](const auto& s, const auto& where) { return make_command(s, where); }},
    {"docfinqa", make_docfinqa},
    {"drop", make_drop},
    {"exact", make_exact},
    {"finqa", make_finqa},
    {"gsm8k-flexible", make_gsm8k_flexible},
    {"gsm8k-strict", make_gsm8k_strict},
    {"includes", make_includes},
    {"json-fields", make_json_fields},
    {"json-schema", make_json_schema},
    {"mmlu-simple", make_mmlu_simple},
    {"numeric", make_numeric},
    {"pass-at-k", make_exact},
    {"program", make_program},
    {"regex", make_pattern},
    {"squad-em", make_squad_em},
    {"squad-f1", make_squad_f1},
}};

/// Part of every judge version: raised when a rule in this folder changes what it says.
constexpr std::string_view rules_revision = "1";

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

/// The words, and what stands in the files among them.
void add_command(std::string& out, const std::vector<std::string>& words) {
  add_all(out, words);
  for (auto& word : words)
    if (word.starts_with("./") || word.starts_with("/")) add(out, content_of(word));
}

void add_number(std::string& out, double x) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.17g", x);
  add(out, buffer);
}

}  // namespace

expected<std::shared_ptr<const rule_judge>> make_judge(const judge_settings& settings) {
  auto type = checked_type(settings);
  if (!type) return tl::make_unexpected(type.error());
  auto maker = std::find_if(makers.begin(), makers.end(),
                            [&](const rule_maker& m) { return m.type == settings.type; });
  if (maker == makers.end())
    return fail(place_of(settings), "'" + settings.type + "' asks models and is no rule");
  return maker->make(settings, place_of(settings));
}

expected<judge_files> files_of(const judge_settings& settings) {
  return sandbox::read_files(settings.command, place_of(settings));
}

expected<std::shared_ptr<const rule_judge>> make_judge(const judge_settings& settings,
                                                       const judge_files& files) {
  if (settings.type != "command") return make_judge(settings);
  auto type = checked_type(settings);
  if (!type) return tl::make_unexpected(type.error());
  return make_command(settings, files, place_of(settings));
}

std::optional<verdict> verdict_by_status(const record& r) {
  switch (r.got.status) {
    case outcome_status::answered:
      return std::nullopt;
    case outcome_status::refused:
      return scored(0, "", "the model declined");
    case outcome_status::filtered:
      return scored(0, "", "a content filter held the answer back");
    case outcome_status::error:
      return unscored("no answer: " + std::string(to_string(r.got.error.kind)));
  }
  return std::nullopt;
}

verdict judge_record(const rule_judge& judge, const judge_settings& settings, const record& r) {
  auto settled = verdict_by_status(r);
  return signed_verdict(settled ? std::move(*settled) : judge.score(r.asked.item, r.got.reply),
                        settings, r);
}

verdict signed_verdict(verdict v, const judge_settings& settings, const record& r) {
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
  if (!settings.command.empty()) add_command(rule, settings.command);
  std::string target;
  add_all(target, item.targets);
  add_all(target, item.choices);
  if (!settings.command.empty()) {
    add(target, item.input);
    for (auto& [name, value] : item.fields) {
      add(target, name);
      add(target, value);
    }
  }
  if (auto test = test_of(item); test && settings.type == "program") {
    add(target, item.input);
    add(target, test->entry_point);
    add(target, test->code);
  }
  if (settings.type == "assertions")
    if (auto stated = find_field(item, assertions_field)) add(target, *stated);
  return to_string(hash_parts({rule, target}));
}

}  // namespace assay::evaluation
