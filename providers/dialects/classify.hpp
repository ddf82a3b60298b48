#pragma once

#include <string>
#include <string_view>

#include "messages/attempt.hpp"
#include "providers/dialects/error_rows.hpp"
#include "providers/http.hpp"

namespace assay::dialects {

/// Messages are cut to this many bytes, at the border of a character.
inline constexpr std::size_t longest_message = 2'000;

/// The error that an answer is: from its status, headers and body. `status` is 200 for an error
/// within an answer that began well. Never gives `none`.
api_error classify(const dialect_rows&, int status, const header_list& headers,
                   std::string_view body);

/// An answer that is no answer of the API at all (HTML, empty, not JSON ...): a `server_error`
/// whose message says what came instead and that the base URL may be wrong.
api_error unreadable(int status, std::string_view content_type, std::string_view body,
                     std::string_view why);

}  // namespace assay::dialects
