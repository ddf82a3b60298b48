#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/units.hpp"

namespace assay::dialects {

/// What a body says about an error, whichever of the APIs' shapes it has: `error` as an object or a
/// string, an array around it, or the same names at the top level.
struct error_body {
  bool found = false;  ///< there is an error in it at all
  std::string code;
  std::string type;
  std::string message;
  std::string request_id;
  std::vector<std::string> reasons;         ///< every other word that names the cause
  std::optional<milliseconds> retry_after;  ///< Gemini's RetryInfo
  int status = 0;                           ///< a number 400 ... 599 in the body, else 0

  bool says(std::string_view word) const;
};

/// Reads as much as there is: a body that is cut or not JSON gives what stands before the fault.
error_body read_error_body(std::string_view body);

}  // namespace assay::dialects
