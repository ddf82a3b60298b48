#include "config/files.hpp"
#include "config/sections.hpp"
#include "messages/known_names.hpp"

namespace assay::config {

namespace {

using draft_type = judge_draft;

constexpr rule tolerance{.min = 0};

void read_filters(reading& in, const node& n, draft_type& d) {
  if (n.kind != node_kind::list)
    return mismatch(in, n, "filters", "a list of { type = \"...\", ... }");
  for (const auto& item : n.items) {
    filter_settings filter;
    apply(in, item, item.at, "filters", filter_options(), filter);
    d.value.filters.push_back(std::move(filter));
  }
}

/// Items as texts, or as tables with a weight.
void read_rubric(reading& in, const node& n, draft_type& d) {
  if (n.kind != node_kind::list || n.items.empty())
    return mismatch(in, n, "rubric", "a list of texts or of { text = \"...\", weight = 2 }");
  for (const auto& item : n.items) {
    rubric_item one;
    if (item.kind == node_kind::text)
      take(in, item, "rubric", {.free_text = true}, one.text);
    else
      apply(in, item, item.at, "rubric", rubric_options(), one);
    d.value.grader.rubric.push_back(std::move(one));
  }
}

/// Options of judges that ask models.
options<draft_type> grader_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.grader.*at; }, help, r);
  };
  using grader = grader_settings;
  return {
      value("models", &grader::models, "the models that grade: one, or a panel"),
      value("system", &grader::system, "system message for them, a template",
            {.may_be_empty = true, .free_text = true}),
      value("prompt", &grader::prompt,
            "what they are asked, a template: `{{question}}`, `{{answer}}`, `{{criterion}}`",
            {.free_text = true}),
      value("partial_credit", &grader::partial_credit,
            "of model_graded_qa: also the grade P, half right"),
      special<draft_type>("rubric", "a list of texts or of { text, weight }",
                          "of rubric: what an answer must meet", read_rubric),
      named<draft_type>(
          "vote", [](auto& d) -> auto& { return d.value.grader.vote; }, known::votes,
          "how the grades of a panel become one score; `mean` for scale and rubric"),
      named<draft_type>(
          "tie", [](auto& d) -> auto& { return d.value.grader.tie; }, known::tie_rules,
          "of a majority: what a tie is"),
      value("asks", &grader::asks,
            "times that each model is asked until its grade can be read, the first included",
            {.min = 1, .max = 100}),
      value("against", &grader::against,
            "field of the sample with the criterion, or with the other answer of a pair; the "
            "target if "
            "not set"),
  };
}

options<draft_type> make_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.*at; }, help, r);
  };
  using judge = judge_settings;
  options<draft_type> all{
      required(named<draft_type>(
          "type", [](auto& d) -> auto& { return d.value.type; }, known::judges,
          "the rule by which answers are scored")),
      special<draft_type>("filters", "a list of tables",
                          "steps from the answer to what is compared, in order", read_filters),
      value("pattern", &judge::pattern, "regular expression (PCRE) of the judge `regex`",
            {.free_text = true}),
      value("ignore_case", &judge::ignore_case, "upper and lower case are the same"),
      value("ignore_punctuation", &judge::ignore_punctuation, "punctuation does not count"),
      value("ignore_numbers", &judge::ignore_numbers, "digits do not count"),
      value("regexes_to_ignore", &judge::regexes_to_ignore,
            "what matches is taken out of answer and target", {.free_text = true}),
      value("tolerance", &judge::tolerance, "largest difference that counts as right", tolerance),
      value("relative_tolerance", &judge::relative_tolerance, "the same, as a part of the target",
            tolerance),
      value("json_fields", &judge::json_fields, "fields that must agree: names or paths `a.b.0`"),
      value("schema_file", &judge::schema_file, "JSON Schema that the answer must meet"),
      value("compare", &judge::compare,
            "of program: the judge type that reads what it prints; `numeric` if not set"),
      value("k", &judge::k, "of pass-at-k and program: chances per sample; needs as many epochs",
            {.min = 1, .max = 1'000}),
      value("command", &judge::command,
            "of command: a program of /usr/bin and its arguments; `./NAME` is a file beside this "
            "one, which the sandbox gets a copy of"),
  };
  for (auto& o : grader_options()) all.push_back(std::move(o));
  return all;
}

/// The mean is what tells of numbers: they hardly ever agree.
bool grades_by_number(const std::string& type) { return type == "scale" || type == "rubric"; }

void check_models(reading& in, const judge_draft& d) {
  const bool asks = known::contains(known::model_judges, d.value.type);
  if (asks && !find(*d.table, "models"))
    in.problems.add(d.at, "judges: " + in_quotes(d.value.type) + " needs models that grade",
                    "set models = [\"NAME\"]");
  if (!asks && find(*d.table, "models"))
    in.problems.add(item_place(*d.table, d.at, "models", 0),
                    "models: " + in_quotes(d.value.type) + " asks no models", "remove it");
}

}  // namespace

const options<rubric_item>& rubric_options() {
  static const options<rubric_item> all{
      required(field<rubric_item>("text", [](auto& i) -> auto& { return i.text; },
                                  "what an answer must meet", {.free_text = true})),
      field<rubric_item>("weight", [](auto& i) -> auto& { return i.weight; },
                         "against that of the others", {.min = 0, .max = 1e6}),
  };
  return all;
}

const options<filter_settings>& filter_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<filter_settings>(
        name, [at](auto& f) -> auto& { return f.*at; }, help, r);
  };
  using filter = filter_settings;
  constexpr rule text{.may_be_empty = true, .free_text = true};
  static const options<filter_settings> all{
      required(value("type", &filter::type, "what the step does")),
      value("pattern", &filter::pattern, "regular expression (PCRE)", {.free_text = true}),
      value("replacement", &filter::replacement, "what a match is replaced by", text),
      value("select", &filter::select, "which match: 0 the first, -1 the last",
            {.min = -1'000, .max = 1'000}),
  };
  return all;
}

const options<judge_draft>& judge_options() {
  static const auto all = make_options();
  return all;
}

void complete(reading& in, judge_draft& d) {
  auto& file = d.value.schema_file;
  file = resolve_path(file, in.problems.path(d.at.file), in.env);
  d.value.declared_at = in.problems.where(d.at);
  if (grades_by_number(d.value.type) && !find(*d.table, "vote")) d.value.grader.vote = "mean";
  check_models(in, d);
  resolve_words(d.value.command, in.problems.path(d.at.file), in.env);
}

}  // namespace assay::config
