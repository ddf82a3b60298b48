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

options<draft_type> make_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.*at; }, help, r);
  };
  using judge = judge_settings;
  return {
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
  };
}

}  // namespace

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
}

}  // namespace assay::config
