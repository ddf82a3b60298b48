#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/procedure.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::evaluation {

/// True for the judge types that grade by asking models.
bool asks_models(std::string_view type);

/// A judge that asks models. Its procedures end in a verdict (without key and judge) or in none.
/// Refused and filtered answers score 0 without a call, as by any judge; a sample that lacks what
/// the prompt names is unscored without a call. REQUIRES of `make`: the outcome is no error.
class model_judge : public procedure_maker {
 public:
  /// Hash of all that a verdict follows from beside the answer: what the models are told and how
  /// their grades are counted, who they are on the wire and with which parameters, the target.
  virtual std::string version(const sample&) const = 0;
};

using model_judge_ptr = std::shared_ptr<const model_judge>;

/// Problems: no such type, an option that it does not have or needs, a model that is not declared,
/// a template that does not parse or names what is not there.
expected<model_judge_ptr> make_model_judge(const settings&, const judge_settings&);

}  // namespace assay::evaluation
