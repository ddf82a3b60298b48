#pragma once

#include <cstdint>
#include <vector>

#include "messages/attempt.hpp"
#include "providers/http.hpp"

namespace assay::dialects {

/// Whose rate-limit headers an answer carries, and so what they count and over which time.
enum class rate_family : std::uint8_t { none, openai, groq, anthropic, openrouter, together };

/// The limits that the headers of an answer tell of. One that has no limit above 0 or does not say
/// what remains is left out; what remains is never below 0.
std::vector<rate_header> rate_headers(rate_family, const header_list&);

}  // namespace assay::dialects
