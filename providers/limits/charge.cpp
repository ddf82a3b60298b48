#include "providers/limits/charge.hpp"

namespace assay::limits {

charge operator*(const charge& c, std::uint32_t requests) {
  double n = requests;
  return {c.input_tokens * n, c.output_tokens * n, c.cost_usd * n, c.model, c.requests * requests};
}

double amount(const charge& c, dimension counts) {
  switch (counts) {
    case dimension::requests:
      return c.requests;
    case dimension::tokens:
      return c.input_tokens + c.output_tokens;
    case dimension::input_tokens:
      return c.input_tokens;
    case dimension::output_tokens:
      return c.output_tokens;
    case dimension::money:
      return c.cost_usd;
    case dimension::concurrency:
      break;
  }
  return 0;
}

charge charge_for(reserve_policy policy, std::int64_t input_tokens,
                  std::optional<std::int64_t> max_tokens, double expected_output) {
  charge c;
  c.input_tokens = static_cast<double>(input_tokens);
  if (policy == reserve_policy::max_tokens)
    c.output_tokens = max_tokens ? static_cast<double>(*max_tokens) : expected_output;
  if (policy == reserve_policy::expected) c.output_tokens = expected_output;
  return c;
}

}  // namespace assay::limits
