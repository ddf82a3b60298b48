#pragma once

#include <string>
#include <string_view>

#include "messages/known_limits.hpp"

namespace assay::storage {

/// `{"rates":[{"counts":0,"rate_per_s":10,...}],"places":[{"most":4,...}]}`; enumerations as
/// numbers, an empty text or an unknown window left out.
std::string known_limits_json(const known_limits&);
/// False, with an unspecified result, if the text is not of that form. What is missing keeps its
/// default.
bool read_known_limits(std::string_view, known_limits&);

}  // namespace assay::storage
