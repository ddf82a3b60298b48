#include "evaluation/graders/model_judge.hpp"

#include <algorithm>

#include "evaluation/graders/grading.hpp"
#include "evaluation/graders/quoted_data.hpp"
#include "evaluation/judge.hpp"
#include "evaluation/judges/filter_chain.hpp"
#include "evaluation/judges/judge_type.hpp"
#include "evaluation/judges/text_judge.hpp"
#include "evaluation/prompts/program.hpp"
#include "evaluation/task_identity.hpp"
#include "evaluation/text/unicode.hpp"
#include "messages/known_names.hpp"

namespace assay::evaluation {

namespace {

/// Part of every version: raised when a rule in this folder changes what it says.
constexpr std::string_view graders_revision = "1";

/// What a template may name beside the sample.
const std::vector<std::string_view> names{"question", "answer", "criterion", "first",
                                          "second",   "rubric", "form"};

std::string choices_of(const sample& s) {
  std::string text;
  for (std::size_t i = 0; i < s.choices.size(); ++i)
    text += std::string("\n") + static_cast<char>('A' + i % 26) + ") " + s.choices[i];
  return text;
}

/// The targets; of several any one will do.
std::string criterion_of(const sample& s) {
  if (s.targets.size() == 1) return s.targets.front();
  std::string text;
  for (const auto& target : s.targets) text += "\n- " + target;
  return text.empty() ? text : "any of these:" + text;
}

std::string list_of(const std::vector<rubric_item>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i)
    text += (i ? "\n" : "") + std::to_string(i + 1) + ". " + items[i].text;
  return text;
}

class panel_judge : public model_judge {
 public:
  panel_judge(judge_settings settings, filter_chain filters)
      : settings_(std::move(settings)),
        filters_(std::move(filters)),
        form_(std::make_shared<const grading_form>(settings_)) {}

  expected<void> compile(const std::string& where);
  expected<void> identify(const settings&, const std::string& where);

  std::vector<std::string> models() const override { return settings_.grader.models; }
  procedure_ptr make(const record&) const override;
  std::string version(const sample&) const override;

 private:
  using conversation = std::vector<chat_message>;

  procedure_ptr ask(const record&, std::string answer, std::string version) const;
  std::optional<std::string> held_against(const sample&) const;
  std::string what_is_missing(const sample&, const std::vector<given_value>&) const;
  std::vector<given_value> given(const sample& quoted, std::string answer, std::string against,
                                 std::size_t order) const;
  conversation render(const sample& quoted, const std::vector<given_value>&) const;

  judge_settings settings_;
  filter_chain filters_;
  std::shared_ptr<const grading_form> form_;
  program system_, prompt_;
  std::vector<need> needs_;
  std::vector<task_key> models_;  ///< who they are
};

expected<void> panel_judge::compile(const std::string& where) {
  const auto& grader = settings_.grader;
  auto compiled = [&](const std::string& text, const char* key) {
    return compile_template(text, where + ", " + key, needs_, names);
  };
  auto system = compiled(grader.system.value_or(std::string(form_->system())), "system");
  if (!system) return tl::make_unexpected(system.error());
  // A prompt that does not say where the form goes has it at its end.
  auto text = grader.prompt.value_or(std::string(form_->prompt()));
  if (text.find("{{form}}") == std::string::npos) text += "\n\n{{form}}";
  auto prompt = compiled(text, "prompt");
  if (!prompt) return tl::make_unexpected(prompt.error());
  system_ = std::move(*system);
  prompt_ = std::move(*prompt);
  return {};
}

expected<void> panel_judge::identify(const settings& all, const std::string& where) {
  for (const auto& name : settings_.grader.models) {
    const auto* model = find_named(all.models, name);
    if (!model)
      return fail(where, "models: there is no model '" + name + "'",
                  "declare it: [models." + name + "]");
    models_.push_back(model_identity(*model));
  }
  return {};
}

/// The criterion, or the other answer of a pair. Absent if the sample has none.
std::optional<std::string> panel_judge::held_against(const sample& s) const {
  if (!settings_.grader.against.empty()) {
    const auto* field = find_field(s, settings_.grader.against);
    return field ? std::optional(*field) : std::nullopt;
  }
  if (!form_->compares()) return criterion_of(s);
  return s.targets.empty() ? std::nullopt : std::optional(s.targets.front());
}

std::vector<given_value> panel_judge::given(const sample& quoted, std::string answer,
                                            std::string against, std::size_t order) const {
  std::vector<given_value> values{{"question", quoted.input + choices_of(quoted)},
                                  {"answer", answer},
                                  {"criterion", form_->compares() ? criterion_of(quoted) : against},
                                  {"rubric", list_of(settings_.grader.rubric)},
                                  {"form", form_->instructions()}};
  if (form_->compares()) {
    if (order > 0) std::swap(answer, against);
    values.push_back({"first", std::move(answer)});
    values.push_back({"second", std::move(against)});
  }
  return values;
}

panel_judge::conversation panel_judge::render(const sample& quoted,
                                              const std::vector<given_value>& values) const {
  conversation messages;
  if (auto system = run_program(system_, quoted, values); !system.empty())
    messages.push_back({role::system, std::move(system)});
  messages.push_back({role::user, run_program(prompt_, quoted, values)});
  return messages;
}

/// What the prompt names and the sample has not; the answer itself may be empty.
std::string panel_judge::what_is_missing(const sample& quoted,
                                         const std::vector<given_value>& values) const {
  for (const auto& n : needs_) {
    constexpr std::string_view may_be_empty[] = {"answer", "first", "second", "question"};
    const bool empty_will_do =
        n.what == variable::given && std::find(std::begin(may_be_empty), std::end(may_be_empty),
                                               n.field) != std::end(may_be_empty);
    if (empty_will_do || has(quoted, n, values)) continue;
    if (n.what == variable::given && n.field == "criterion")
      return settings_.grader.against.empty()
                 ? "the sample has no target"
                 : "the sample's field '" + settings_.grader.against + "' is empty";
    if (n.what == variable::field) return "the sample has no field '" + n.field + "'";
    return "the sample has no {{" + (n.field.empty() ? std::string(name_of(n.what)) : n.field) +
           "}}";
  }
  return {};
}

procedure_ptr settle(verdict v, std::string version) {
  v.judge_version = std::move(version);
  return std::make_shared<settled>(std::move(v));
}

procedure_ptr panel_judge::make(const record& r) const {
  auto v = version(r.asked.item);
  if (auto known = verdict_by_status(r)) return settle(std::move(*known), std::move(v));
  const auto& text = r.got.reply.text;
  auto kept = filters_.apply(is_utf8(text) ? text : repair_utf8(text));
  if (kept.status == search_status::gave_up) return settle(unscored(kept.note), std::move(v));
  if (kept.status == search_status::none)
    return settle(scored(0, "[invalid]", kept.note), std::move(v));
  return ask(r, std::move(kept.text), std::move(v));
}

procedure_ptr panel_judge::ask(const record& r, std::string answer, std::string version) const {
  auto quoted = r.asked.item;
  for (auto& target : quoted.targets)
    if (!quote_data(target)) return settle(unscored("the target cannot be quoted"), version);
  if (!quote_data(quoted) || !quote_data(answer))
    return settle(unscored("the texts cannot be quoted"), version);
  auto against = held_against(quoted);
  if (!against)
    return settle(unscored(settings_.grader.against.empty()
                               ? "the sample has no target to compare with"
                               : "the sample has no field '" + settings_.grader.against + "'"),
                  version);
  grading_question question{form_, settings_.grader, {}, version};
  for (std::size_t order = 0; order < (form_->compares() ? 2u : 1u); ++order) {
    auto values = given(quoted, answer, *against, order);
    if (auto missing = what_is_missing(quoted, values); !missing.empty())
      return settle(unscored(missing), version);
    question.orders.push_back(render(quoted, values));
  }
  return std::make_shared<grading>(std::move(question));
}

/// The conversation without the answer holds all that the models are told.
std::string panel_judge::version(const sample& s) const {
  hash_text text;
  text.add(graders_revision);
  text.add(settings_.type);
  text.add(settings_.grader.vote);
  text.add(settings_.grader.tie);
  text.add(std::to_string(settings_.grader.asks));
  add_filters(text, settings_.filters);
  for (const auto& item : settings_.grader.rubric) text.add(std::to_string(item.weight));
  for (const auto& model : models_) text.add(model);
  for (const auto& message : render(s, given(s, {}, held_against(s).value_or(""), 0)))
    text.add(message.content);
  text.add(form_->reminder(1));
  return to_string(text.finish());
}

expected<void> check_grader(const judge_settings& settings, const std::string& where) {
  const auto& grader = settings.grader;
  if (grader.asks < 1) return fail(where, "asks must be at least 1");
  if (!known::contains(known::votes, grader.vote))
    return fail(where, "vote is '" + grader.vote + "'", "use majority or mean");
  if (!known::contains(known::tie_rules, grader.tie))
    return fail(where, "tie is '" + grader.tie + "'", "use unscored, first, lowest or highest");
  double weights = 0;
  for (const auto& item : grader.rubric) {
    if (!(item.weight >= 0)) return fail(where, "rubric: a weight must not be negative");
    weights += item.weight;
  }
  if (!grader.rubric.empty() && !(weights > 0))
    return fail(where, "rubric: all weights are 0", "give one item at least a weight above 0");
  return {};
}

}  // namespace

bool asks_models(std::string_view type) { return known::contains(known::model_judges, type); }

expected<model_judge_ptr> make_model_judge(const settings& all, const judge_settings& settings) {
  const auto where = place_of(settings);
  auto type = checked_type(settings);
  if (!type) return tl::make_unexpected(type.error());
  if (!asks_models(settings.type))
    return fail(where, "'" + settings.type + "' is a rule and asks no models");
  if (auto good = check_grader(settings, where); !good) return tl::make_unexpected(good.error());
  auto filters = filter_chain::make(settings.filters, where);
  if (!filters) return tl::make_unexpected(filters.error());
  auto judge = std::make_shared<panel_judge>(settings, std::move(*filters));
  if (auto good = judge->compile(where); !good) return tl::make_unexpected(good.error());
  if (auto good = judge->identify(all, where); !good) return tl::make_unexpected(good.error());
  return judge;
}

}  // namespace assay::evaluation
