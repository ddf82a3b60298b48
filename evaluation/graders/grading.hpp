#pragma once

#include <memory>
#include <string>
#include <vector>

#include "evaluation/graders/form.hpp"
#include "evaluation/graders/vote.hpp"
#include "evaluation/procedure.hpp"

namespace assay::evaluation {

/// What one verdict of a model judge is asked with.
struct grading_question {
  std::shared_ptr<const grading_form> form;
  grader_settings settings;
  /// What each model is asked; two conversations if two answers are compared, in both orders.
  std::vector<std::vector<chat_message>> orders;
  std::string version;  ///< of the verdict
};

/// Asks each model of the panel, again where a reply has no grade, up to `asks` times. One whose
/// calls end in error is left out; if all do, there is no verdict. Without a grade that decides the
/// verdict is unscored, never wrong.
///
/// Labels: `member 2 ask 1`, of a comparison `member 2 order 1 ask 1`.
class grading : public procedure {
 public:
  explicit grading(grading_question);

  std::vector<wanted_call> begin() override;
  std::vector<wanted_call> take(const call_result&) override;
  procedure_end end() override;

 private:
  /// One model in one order, until it gives a grade or is given up.
  struct inquiry {
    std::size_t member = 0;
    std::size_t order = 0;
    int asks = 0;
    std::optional<grade> got;
    std::string reply;   ///< the one with the grade
    std::string failed;  ///< why its call ended in error
  };

  wanted_call ask(inquiry&) const;
  std::string label_of(const inquiry&) const;
  member_grade grade_of(std::size_t member) const;
  std::string explain(const std::vector<member_grade>&, const panel_score&) const;
  std::string why_all_failed() const;

  grading_question question_;
  std::vector<inquiry> inquiries_;
};

/// Ends in a verdict that was clear without asking.
class settled : public procedure {
 public:
  explicit settled(verdict v) : verdict_(std::move(v)) {}
  std::vector<wanted_call> begin() override { return {}; }
  std::vector<wanted_call> take(const call_result&) override { return {}; }
  procedure_end end() override { return verdict_; }

 private:
  verdict verdict_;
};

}  // namespace assay::evaluation
