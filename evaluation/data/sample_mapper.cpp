#include "evaluation/data/sample_mapper.hpp"

#include <algorithm>

#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

/// Field names that are tried, in this order, where the experiment file names none.
const std::vector<std::string> usual_id = {"id", "task_id", "ID"};
const std::vector<std::string> usual_input = {"input", "question", "prompt", "problem", "Question"};
const std::vector<std::string> usual_target = {"target", "answer", "answers", "correct", "Answer"};
const std::vector<std::string> usual_choices = {"choices", "options"};
const std::vector<std::string> usual_task_type = {"task_type"};
const std::vector<std::string> usual_difficulty = {"difficulty"};

constexpr std::string_view kind_names[] = {"a string", "a number", "a boolean", "null",
                                           "an array or object"};

std::string_view name_of(value_kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (auto& word : words) {
    if (!out.empty()) out += between;
    out += word;
  }
  return out;
}

/// The texts of a value that may be one scalar or an array of several; null has none.
std::vector<std::pair<value_kind, std::string>> texts_of(field_value value) {
  std::vector<std::pair<value_kind, std::string>> texts;
  if (value.kind == value_kind::null) return texts;
  bool array = value.kind == value_kind::structure && value.text.front() == '[';
  if (array)
    each_element(value.text, [&](value_kind kind, std::string_view raw) {
      if (kind != value_kind::null) texts.emplace_back(kind, text_of(kind, raw));
    });
  else
    texts.emplace_back(value.kind, std::move(value.text));
  return texts;
}

std::vector<field_path> columns_of(const std::string& choices) {
  std::vector<field_path> columns;
  if (choices.find(',') == std::string::npos) return columns;
  for (std::size_t start = 0; start <= choices.size();) {
    auto end = std::min(choices.find(',', start), choices.size());
    columns.emplace_back(std::string(strip(std::string_view(choices).substr(start, end - start))));
    start = end + 1;
  }
  return columns;
}

void drop_nulls(row& r) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < r.fields.size(); ++i) {
    if (r.kinds[i] == value_kind::null) continue;
    if (kept != i) r.fields[kept] = std::move(r.fields[i]);
    ++kept;
  }
  r.fields.resize(kept);
}

}  // namespace

sample_mapper::source::source(std::string name, const std::string& set,
                              const std::vector<std::string>& usual)
    : part(std::move(name)), is_set(!set.empty()) {
  if (is_set)
    paths.emplace_back(set);
  else
    for (auto& path : usual) paths.emplace_back(path);
}

std::optional<field_value> sample_mapper::source::find(const row& r) {
  for (auto& path : paths)
    if (auto value = path.find(r)) {
      seen = true;
      return value;
    }
  return std::nullopt;
}

sample_mapper::sample_mapper(const dataset_settings& settings)
    : settings_(settings),
      id_("id", settings.fields.id, usual_id),
      input_("input", settings.fields.input, usual_input),
      target_("target", settings.fields.target, usual_target),
      choices_("choices", settings.fields.choices, usual_choices),
      task_type_("task_type", settings.fields.task_type, usual_task_type),
      difficulty_("difficulty", settings.fields.difficulty, usual_difficulty),
      choice_columns_(columns_of(settings.fields.choices)) {
  for (auto& tag : settings.fields.tags) tags_.emplace_back("tags", tag, usual_task_type);
  for (auto& [field, values] : settings.filter) filter_.push_back({field_path(field), values});
}

bool sample_mapper::keeps(const row& r) {
  bool keep = true;
  for (auto& rule : filter_) {
    auto value = rule.path.find(r);
    if (value) rule.seen = true;
    keep = keep && value &&
           std::find(rule.values.begin(), rule.values.end(), value->text) != rule.values.end();
  }
  return keep;
}

std::optional<field_value> sample_mapper::required(source& from, const row& r,
                                                   problem_list& problems) {
  auto value = from.find(r);
  if (value) return value;
  if (from.is_set) {
    problems.add(r.line, "field '" + from.paths.front().name() +
                             "' not found; the row has: " + list_fields(r));
    return std::nullopt;
  }
  std::vector<std::string> tried;
  for (auto& path : from.paths) tried.push_back(path.name());
  problems.add(r.line,
               "no field for the " + from.part + " (tried " + joined(tried, ", ") +
                   "); the row has: " + list_fields(r),
               "set fields." + from.part);
  return std::nullopt;
}

std::string sample_mapper::text_or(source& from, const row& r, const std::string& otherwise) {
  auto value = from.find(r);
  return value && value->kind != value_kind::null && !value->text.empty() ? value->text : otherwise;
}

bool sample_mapper::read_choices(const row& r, option_list& options, problem_list& problems) {
  for (auto& column : choice_columns_) {
    auto value = column.find(r);
    if (!value) {
      problems.add(r.line,
                   "field '" + column.name() + "' not found; the row has: " + list_fields(r));
      return false;
    }
    if (value->kind != value_kind::null && !value->text.empty())
      options.texts.push_back(std::move(value->text));
  }
  if (!choice_columns_.empty()) return strip_option_letters(options.texts), true;
  auto value = choices_.is_set ? required(choices_, r, problems) : choices_.find(r);
  if (!value) return !choices_.is_set;
  if (value->kind == value_kind::null) return true;
  auto read = read_options(*value);
  if (!read) return problems.add(r.line, read.error().what), false;
  options = std::move(*read);
  return true;
}

bool sample_mapper::read_targets(const row& r, const option_list& options, sample& made,
                                 problem_list& problems) {
  auto value = target_.is_set ? required(target_, r, problems) : target_.find(r);
  if (!value) return !target_.is_set;
  for (auto& [kind, text] : texts_of(std::move(*value)))
    made.targets.push_back(options.texts.empty() ? std::move(text)
                                                 : resolve_target(options, kind, text));
  if (made.targets.size() == 1 && made.targets.front().empty()) made.targets.clear();
  return true;
}

std::optional<sample> sample_mapper::map(row&& r, std::size_t number, problem_list& problems) {
  sample made;
  auto input = required(input_, r, problems);
  if (!input) return std::nullopt;
  auto refuse = [&](const source& from, const field_value& value) {
    problems.add(r.line,
                 "the " + from.part + " is " + std::string(name_of(value.kind)) + ", expected text",
                 value.kind == value_kind::structure
                     ? "name a part of it, e.g. fields." + from.part + " = \"field.0\""
                     : "");
    return std::nullopt;
  };
  if (input->kind >= value_kind::null) return refuse(input_, *input);
  made.input = std::move(input->text);
  auto id = id_.is_set ? required(id_, r, problems) : id_.find(r);
  if (!id && id_.is_set) return std::nullopt;
  if (id && id->kind >= value_kind::null) return refuse(id_, *id);
  made.id = id ? std::move(id->text) : std::to_string(number);
  option_list options;
  if (!read_choices(r, options, problems)) return std::nullopt;
  if (!read_targets(r, options, made, problems)) return std::nullopt;
  made.choices = std::move(options.texts);
  made.task_type = text_or(task_type_, r, settings_.task_type);
  made.difficulty = text_or(difficulty_, r, settings_.difficulty);
  for (auto& tag : tags_)
    if (auto value = tag.find(r))
      for (auto& [kind, text] : texts_of(std::move(*value))) made.tags.push_back(std::move(text));
  drop_nulls(r);
  made.fields = std::move(r.fields);
  return made;
}

void sample_mapper::finish(std::size_t rows, std::size_t kept, problem_list& problems) const {
  if (rows == 0) return problems.add_for_file("the dataset has no rows");
  for (auto& rule : filter_)
    if (!rule.seen)
      problems.add_for_file("no row has the field '" + rule.path.name() + "' of the filter");
  if (kept == 0 && problems.empty())
    problems.add_for_file("no row passes the filter", "compare the filter's values with the rows");
  if (kept == 0) return;
  auto check = [&](const source& from) {
    if (from.is_set && !from.seen)
      problems.add_for_file("no row has the field '" + from.paths.front().name() + "' (fields." +
                            from.part + ")");
  };
  check(task_type_);
  check(difficulty_);
  for (auto& tag : tags_) check(tag);
}

}  // namespace assay::evaluation
