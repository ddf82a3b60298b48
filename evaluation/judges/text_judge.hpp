#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evaluation/judge.hpp"
#include "evaluation/judges/filter_chain.hpp"
#include "evaluation/sandbox/declared_command.hpp"

namespace assay::evaluation {

/// A judge that runs an answer's text through filters and compares what is left. Malformed bytes of
/// the answer become U+FFFD first. An answer in which a filter finds nothing scores 0; one on which
/// a pattern gives up is unscored.
class text_judge : public rule_judge {
 public:
  explicit text_judge(filter_chain filters) : filters_(std::move(filters)) {}

  verdict score(const sample&, const answer&) const final;

 protected:
  bool has_filters() const { return !filters_.empty(); }

  /// Scores a filtered text; `extracted` is filled by the caller if left empty.
  virtual verdict compare(const sample&, const std::string& text) const = 0;

 private:
  filter_chain filters_;
};

/// Shorthands for verdicts.
verdict scored(double score, std::string extracted = {}, std::string explanation = {});
verdict unscored(std::string explanation);

/// What `exact` and its relatives do to both sides before they compare (lm-evaluation-harness,
/// `exact_match_hf_evaluate`): delete the patterns, then lower, punctuation, digits.
class normalizer {
 public:
  static expected<normalizer> make(const judge_settings&, const std::string& where);

  /// False if a pattern gave up.
  bool apply(std::string& text) const;

 private:
  std::vector<regex> ignored_;
  bool case_ = false;
  bool punctuation_ = false;
  bool numbers_ = false;
};

/// A target as the scorers want it: well-formed UTF-8.
std::string clean_target(const std::string&);

/// The field of a sample that `assertions` reads.
inline const std::string assertions_field = "assert";

using made_judge = expected<std::shared_ptr<const rule_judge>>;

/// The makers of all judges, by family. REQUIRES: options checked.
made_judge make_assertions(const judge_settings&, const std::string& where);
made_judge make_exact(const judge_settings&, const std::string& where);
made_judge make_gsm8k_strict(const judge_settings&, const std::string& where);
made_judge make_gsm8k_flexible(const judge_settings&, const std::string& where);
made_judge make_includes(const judge_settings&, const std::string& where);
made_judge make_pattern(const judge_settings&, const std::string& where);
made_judge make_numeric(const judge_settings&, const std::string& where);
made_judge make_choice(const judge_settings&, const std::string& where);
made_judge make_mmlu_simple(const judge_settings&, const std::string& where);
made_judge make_squad_em(const judge_settings&, const std::string& where);
made_judge make_squad_f1(const judge_settings&, const std::string& where);
made_judge make_drop(const judge_settings&, const std::string& where);
made_judge make_finqa(const judge_settings&, const std::string& where);
made_judge make_docfinqa(const judge_settings&, const std::string& where);
made_judge make_json_fields(const judge_settings&, const std::string& where);
made_judge make_program(const judge_settings&, const std::string& where);
made_judge make_command(const judge_settings&, const std::string& where);
made_judge make_command(const judge_settings&, const sandbox::command_files&,
                        const std::string& where);
made_judge make_json_schema(const judge_settings&, const std::string& where);

/// Makes a judge of class `Judge`, which is constructed from its filters and `rest`.
template <class Judge, class... Rest>
made_judge with_filters(const std::vector<filter_settings>& filters, const std::string& where,
                        Rest&&... rest) {
  auto chain = filter_chain::make(filters, where);
  if (!chain) return tl::make_unexpected(chain.error());
  return std::make_shared<const Judge>(std::move(*chain), std::forward<Rest>(rest)...);
}

}  // namespace assay::evaluation
