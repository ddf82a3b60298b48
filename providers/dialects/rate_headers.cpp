#include "providers/dialects/rate_headers.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "providers/dialects/durations.hpp"
#include "providers/dialects/header_fields.hpp"

namespace assay::dialects {

namespace {

struct row {
  rate_family family;
  dimension counts;
  int window_s;  ///< 0: not documented
  std::string_view limit;
  std::string_view remaining;
  std::string_view reset;
};

using enum rate_family;
using enum dimension;

constexpr std::array rows{
    row{openai, requests, 60, "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests"},
    row{openai, tokens, 60, "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-tokens"},
    row{openai, tokens, 60, "x-ratelimit-limit-project-tokens",
        "x-ratelimit-remaining-project-tokens", "x-ratelimit-reset-project-tokens"},
    row{groq, requests, 86'400, "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests"},
    row{groq, tokens, 60, "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-tokens"},
    row{anthropic, requests, 60, "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"},
    row{anthropic, tokens, 60, "anthropic-ratelimit-tokens-limit",
        "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"},
    row{anthropic, input_tokens, 60, "anthropic-ratelimit-input-tokens-limit",
        "anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"},
    row{anthropic, output_tokens, 60, "anthropic-ratelimit-output-tokens-limit",
        "anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"},
    row{openrouter, requests, 0, "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"},
    row{together, requests, 1, "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"},
    row{together, tokens, 1, "x-tokenlimit-limit", "x-tokenlimit-remaining", "x-ratelimit-reset"},
};

std::optional<double> number_in(const header_list& headers, std::string_view name) {
  auto value = find_header(headers, name);
  return value ? dirty_number(*value) : std::nullopt;
}

}  // namespace

std::vector<rate_header> rate_headers(rate_family family, const header_list& headers) {
  std::vector<rate_header> found;
  for (const auto& r : rows) {
    if (r.family != family) continue;
    auto limit = number_in(headers, r.limit);
    auto remaining = number_in(headers, r.remaining);
    if (!limit || *limit <= 0 || !remaining) continue;
    rate_header header;
    header.counts = r.counts;
    header.limit = *limit;
    header.remaining = std::max(0.0, *remaining);
    if (auto reset = find_header(headers, r.reset))
      header.reset = time_to_go(*reset, date_of(headers));
    if (r.window_s > 0) header.window = std::chrono::seconds(r.window_s);
    found.push_back(header);
  }
  return found;
}

}  // namespace assay::dialects
