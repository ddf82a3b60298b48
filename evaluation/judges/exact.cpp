#include "evaluation/judges/text_judge.hpp"

/// Judges that compare texts: exact, pass-at-k's inner comparison, gsm8k, includes, regex.
namespace assay::evaluation {

namespace {

constexpr auto no_target = "the sample has no target";
constexpr auto gave_up = "a pattern of regexes_to_ignore backtracks too much on this text";

/// Equality with one of the targets after normalisation; nothing is stripped.
class exact_judge : public text_judge {
 public:
  exact_judge(filter_chain filters, normalizer normal)
      : text_judge(std::move(filters)), normal_(std::move(normal)) {}

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    if (asked.targets.empty()) return unscored(no_target);
    auto got = text;
    if (!normal_.apply(got)) return unscored(gave_up);
    for (auto& target : asked.targets) {
      auto wanted = clean_target(target);
      if (!normal_.apply(wanted)) return unscored(gave_up);
      if (got == wanted) return scored(1);
    }
    return scored(0);
  }

  normalizer normal_;
};

/// One of the targets occurs in the text.
class includes_judge : public text_judge {
 public:
  includes_judge(filter_chain filters, normalizer normal)
      : text_judge(std::move(filters)), normal_(std::move(normal)) {}

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    if (asked.targets.empty()) return unscored(no_target);
    auto got = text;
    if (!normal_.apply(got)) return unscored(gave_up);
    bool usable = false;
    for (auto& target : asked.targets) {
      auto wanted = clean_target(target);
      if (!normal_.apply(wanted)) return unscored(gave_up);
      usable = usable || !wanted.empty();
      if (!wanted.empty() && got.find(wanted) != std::string::npos) return scored(1, wanted);
    }
    return usable ? scored(0) : unscored("every target is empty, and any text includes that");
  }

  normalizer normal_;
};

/// The pattern occurs; if it has a group, what the group matched must be a target.
class pattern_judge : public text_judge {
 public:
  pattern_judge(filter_chain filters, normalizer normal, regex pattern)
      : text_judge(std::move(filters)), normal_(std::move(normal)), pattern_(std::move(pattern)) {}

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    auto found = pattern_.find(text);
    if (found.status == search_status::gave_up)
      return unscored("the pattern backtracks too much on this answer");
    if (found.status == search_status::none) return scored(0, "[invalid]", "no match");
    if (pattern_.groups() == 0) return scored(1, std::string(found.text));
    if (asked.targets.empty()) return unscored(no_target);
    std::string got(found.text);
    if (!normal_.apply(got)) return unscored(gave_up);
    for (auto& target : asked.targets) {
      auto wanted = clean_target(target);
      if (!normal_.apply(wanted)) return unscored(gave_up);
      if (got == wanted) return scored(1, std::string(found.text));
    }
    return scored(0, std::string(found.text));
  }

  normalizer normal_;
  regex pattern_;
};

/// lm-evaluation-harness, tasks/gsm8k, version 3.
made_judge make_gsm8k(const judge_settings& named, const std::string& where,
                      filter_settings extract) {
  auto settings = named;
  settings.ignore_case = true;
  settings.regexes_to_ignore = {",", "\\$", "(?s).*#### ", "\\.$"};
  settings.filters.push_back(std::move(extract));
  return make_exact(settings, where);
}

}  // namespace

made_judge make_exact(const judge_settings& settings, const std::string& where) {
  auto normal = normalizer::make(settings, where);
  if (!normal) return tl::make_unexpected(normal.error());
  return with_filters<exact_judge>(settings.filters, where, std::move(*normal));
}

made_judge make_gsm8k_strict(const judge_settings& settings, const std::string& where) {
  return make_gsm8k(settings, where, {"regex", R"(#### (\-?[0-9\.\,]+))", "", 0});
}

made_judge make_gsm8k_flexible(const judge_settings& settings, const std::string& where) {
  return make_gsm8k(settings, where, {"regex", R"((-?[$0-9.,]{2,})|(-?[0-9]+))", "", -1});
}

made_judge make_includes(const judge_settings& settings, const std::string& where) {
  auto normal = normalizer::make(settings, where);
  if (!normal) return tl::make_unexpected(normal.error());
  return with_filters<includes_judge>(settings.filters, where, std::move(*normal));
}

made_judge make_pattern(const judge_settings& settings, const std::string& where) {
  auto normal = normalizer::make(settings, where);
  if (!normal) return tl::make_unexpected(normal.error());
  auto prefix = settings.ignore_case ? "(?i)" : "";
  auto pattern = regex::compile(prefix + settings.pattern, where + ", pattern");
  if (!pattern) return tl::make_unexpected(pattern.error());
  return with_filters<pattern_judge>(settings.filters, where, std::move(*normal),
                                     std::move(*pattern));
}

}  // namespace assay::evaluation
