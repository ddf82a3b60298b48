#include "providers/catalog/cost.hpp"

#include <algorithm>

namespace assay::catalog {

namespace {
constexpr double per_million = 1e-6;
}

usd cost_of(const token_usage& usage, const price_table& prices) {
  if (usage.billed_usd) return {*usage.billed_usd};
  auto input_price = prices.input.value_or(0);
  auto cached = usage.cached_input.value_or(0);
  auto written = usage.cache_write.value_or(0);
  auto plain = std::max<std::int64_t>(0, usage.input.value_or(0) - cached - written);
  auto total = static_cast<double>(plain) * input_price +
               static_cast<double>(cached) * prices.cached_input.value_or(input_price) +
               static_cast<double>(written) * prices.cache_write.value_or(input_price) +
               static_cast<double>(usage.output.value_or(0)) * prices.output.value_or(0);
  return {total * per_million};
}

usd cost_ceiling(std::int64_t input_tokens, std::int64_t max_output, const price_table& prices) {
  return {(static_cast<double>(input_tokens) * prices.input.value_or(0) +
           static_cast<double>(max_output) * prices.output.value_or(0)) *
          per_million};
}

}  // namespace assay::catalog
