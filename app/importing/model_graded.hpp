#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "app/importing/draft.hpp"
#include "app/importing/whole_test.hpp"
#include "app/importing/yaml.hpp"
#include "config/load.hpp"

namespace assay::importing {

/// Assertions that a model grades (`llm-rubric`, `factuality` ...). They become judges of their
/// own: the n-th assertion of a type that a test has is graded by the n-th judge of that type,
/// which finds what it is about in a field of the sample.
class model_graded {
 public:
  model_graded(draft& to, const config::environment& env) : to_(to), env_(env) {}

  /// The model that a provider of promptfoo's stands for, declared; empty, with a note, if it
  /// cannot be asked.
  std::string grader(const tree& provider, const std::string& file);

  /// Names the judges of the test's assertions, and declares those that are new. Notes the
  /// assertions that no judge can stand for.
  void assign(whole_test&);

 private:
  std::string judge(std::string_view type, std::size_t number, const std::string& grader);

  draft& to_;
  const config::environment& env_;
  std::map<std::tuple<std::string, std::size_t, std::string>, std::string> judges_;
};

/// True for the types that a model could grade, without `not-`.
bool is_model_graded(std::string_view type);

/// The sample's field that holds what the judge is about.
std::string field_of_judge(const std::string& judge);

}  // namespace assay::importing
