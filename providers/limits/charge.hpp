#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "messages/settings.hpp"

namespace assay::limits {

/// What one request is charged with, besides counting as one request; or several that leave
/// together.
struct charge {
  double input_tokens = 0;
  double output_tokens = 0;
  double cost_usd = 0;
  std::uint32_t model = 0;    ///< index from `account::model`; 0: none in particular
  std::uint32_t address = 0;  ///< index from `account::address`
  std::uint32_t requests = 1;
};

/// Requests of one model that leave together, as one. REQUIRES: there are some.
charge together(const std::vector<charge>&);

/// One for each address that they leave by.
std::vector<charge> by_address(const std::vector<charge>&);

/// The part of a charge that a limit of this kind counts.
double amount(const charge&, dimension);

/// What a request will be charged with under a reserve policy: the estimated input, and for the
/// output the cap that was asked for (`max_tokens`), nothing (`none`), or `expected_output`.
charge charge_for(reserve_policy, std::int64_t input_tokens, std::optional<std::int64_t> max_tokens,
                  double expected_output);

}  // namespace assay::limits
