#include "providers/limits/charge.hpp"

#include <map>

namespace assay::limits {

charge together(const std::vector<charge>& all) {
  auto sum = all.front();
  for (std::size_t i = 1; i < all.size(); ++i) {
    sum.input_tokens += all[i].input_tokens;
    sum.output_tokens += all[i].output_tokens;
    sum.cost_usd += all[i].cost_usd;
    sum.requests += all[i].requests;
  }
  return sum;
}

std::vector<charge> by_address(const std::vector<charge>& all) {
  std::map<std::uint32_t, std::vector<charge>> groups;
  for (const auto& c : all) groups[c.address].push_back(c);
  std::vector<charge> sums;
  sums.reserve(groups.size());
  for (const auto& [address, some] : groups) sums.push_back(together(some));
  return sums;
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
