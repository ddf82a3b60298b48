#include <nlohmann/json.hpp>

#include "evaluation/agent/arithmetic.hpp"
#include "evaluation/agent/schema.hpp"
#include "evaluation/agent/tool.hpp"

namespace assay::evaluation {

namespace {

constexpr argument arguments[] = {
    {"expression", R"({"type":"string","description":"e.g. (206588 - 181001) / 181001 * 100"})"}};

class calculator : public tool {
 public:
  calculator()
      : tool(declare("calculator",
                     "Evaluates an arithmetic expression exactly: + - * / % ^ and parentheses, pi, "
                     "e, and the functions abs, ceil, cos, exp, floor, ln, log, log10, log2, max, "
                     "mean, min, round, sin, sqrt, sum, tan.",
                     arguments)) {}

  tool_result use(const nlohmann::json& given, workplace&) const override {
    auto value = calculate(given["expression"].get<std::string>());
    return value ? tool_result::of(*value) : tool_result::error(render(value.error()));
  }
};

}  // namespace

tools calculator_tools() { return {std::make_shared<calculator>()}; }

}  // namespace assay::evaluation
