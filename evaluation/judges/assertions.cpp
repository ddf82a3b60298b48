#include "evaluation/judges/assertion.hpp"
#include "evaluation/judges/json_value.hpp"
#include "evaluation/judges/text_judge.hpp"
#include "evaluation/prompts/program.hpp"

namespace assay::evaluation {

namespace {

using state = assertion_result::state;

/// The sample's field `assert` says what must hold of the answer: a list of assertions, or
/// `{"assert": [...], "threshold": 0.5}`. Right only if all that decides is known.
class assertions_judge : public text_judge {
 public:
  explicit assertions_judge(filter_chain filters) : text_judge(std::move(filters)) {}

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    auto stated = find_field(asked, assertions_field);
    if (!stated) return unscored("the sample has no field 'assert'");
    auto parsed = parse_json(*stated);
    if (!parsed) return unscored("the sample's field 'assert' is not JSON");
    auto set =
        parsed->is_array() ? nlohmann::json{{"assert", std::move(*parsed)}} : std::move(*parsed);
    if (set.is_object()) set["type"] = "assert-set";
    auto result = evaluate_assertion(set, text);
    if (result.came_to == state::unknown) return unscored(result.why);
    return scored(result.came_to == state::pass, {}, result.why);
  }
};

}  // namespace

made_judge make_assertions(const judge_settings& settings, const std::string& where) {
  return with_filters<assertions_judge>(settings.filters, where);
}

}  // namespace assay::evaluation
