#pragma once

#include <cstdint>
#include <string_view>

#include "messages/settings.hpp"

namespace assay::simulated {

enum class fault : std::uint8_t {
  none,
  http_500,
  http_429,
  overloaded,
  close,
  hang,
  cut,
  stall,
  error_event,
  no_terminator,
  bad_json,
};

/// The setting's name, as in the truth log; empty for none.
std::string_view to_string(fault);

/// The fault that `chance` in [0, 1) falls on. Faults that only a stream can have do not strike
/// whole answers: those are answered well.
fault pick_fault(const mock_faults&, double chance, bool stream);

}  // namespace assay::simulated
