#pragma once

#include "messages/chat.hpp"
#include "messages/settings.hpp"
#include "messages/units.hpp"

namespace assay::catalog {

/// What a call costs: the provider's own figure if it named one, else usage times the price table
/// (USD per 1,000,000 tokens; cached input at its own price, or at the input price if it has none).
/// Without usage or prices the cost is 0.
usd cost_of(const token_usage&, const price_table&);

/// The most a call can cost before it is made: estimated input plus `max_output` tokens.
usd cost_ceiling(std::int64_t input_tokens, std::int64_t max_output, const price_table&);

}  // namespace assay::catalog
