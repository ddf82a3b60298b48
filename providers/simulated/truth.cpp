#include <cstdio>

#include "providers/simulated/service.hpp"
#include "providers/simulated/wire_text.hpp"

namespace assay::simulated {

std::string to_json(const truth& t) {
  char at[32];
  std::snprintf(at, sizeof at, "%.6f", t.at_s);
  return R"({"mock":)" + quote(t.mock) + R"(,"at_s":)" + at + R"(,"path":)" + quote(t.path) +
         R"(,"model":)" + quote(t.model) + R"(,"sample_id":)" + quote(t.sample_id) +
         R"(,"attempt":)" + std::to_string(t.attempt) + R"(,"status":)" + std::to_string(t.status) +
         R"(,"fault":)" + quote(t.fault) + R"(,"right":)" + (t.right ? "true" : "false") +
         R"(,"in_flight":)" + std::to_string(t.in_flight) +
         (t.items ? R"(,"items":)" + std::to_string(t.items) : std::string{}) +
         (t.from.empty() ? std::string{} : R"(,"from":)" + quote(t.from)) + "}";
}

}  // namespace assay::simulated
