#include "providers/simulated/faults.hpp"

#include <array>

namespace assay::simulated {

namespace {

struct fault_row {
  fault what;
  std::string_view name;
  double mock_faults::*chance;
  bool stream_only;
};

constexpr std::array<fault_row, 10> rows = {{
    {fault::http_500, "http_500", &mock_faults::http_500, false},
    {fault::http_429, "http_429", &mock_faults::http_429, false},
    {fault::overloaded, "overloaded", &mock_faults::overloaded, false},
    {fault::close, "close", &mock_faults::close, false},
    {fault::hang, "hang", &mock_faults::hang, false},
    {fault::cut, "cut", &mock_faults::cut, false},
    {fault::stall, "stall", &mock_faults::stall, false},
    {fault::error_event, "error_event", &mock_faults::error_event, true},
    {fault::no_terminator, "no_terminator", &mock_faults::no_terminator, true},
    {fault::bad_json, "bad_json", &mock_faults::bad_json, false},
}};

}  // namespace

std::string_view to_string(fault what) {
  for (const auto& row : rows)
    if (row.what == what) return row.name;
  return {};
}

fault pick_fault(const mock_faults& chances, double chance, bool stream) {
  for (const auto& row : rows) {
    chance -= chances.*row.chance;
    if (chance < 0) return row.stream_only && !stream ? fault::none : row.what;
  }
  return fault::none;
}

}  // namespace assay::simulated
