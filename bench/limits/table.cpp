#include "bench/limits/table.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace assay::bench {

bool row::reaches_goal() const {
  return finished && (!wanted || (ratio <= wanted->ratio && rate_429 <= wanted->rate_429));
}

nlohmann::json to_json(const row& r) {
  nlohmann::json j = {{"scenario", r.scenario},   {"shape", r.shape},
                      {"knowledge", r.knowledge}, {"policy", r.policy},
                      {"tasks", r.tasks},         {"seeds", r.seeds},
                      {"bound_s", r.bound_s},     {"makespan_s", r.makespan_s},
                      {"ratio", r.ratio},         {"ratio_worst", r.ratio_worst},
                      {"rate_429", r.rate_429},   {"rate_429_worst", r.rate_429_worst},
                      {"finished", r.finished}};
  if (!r.driven_by.empty()) j["driven_by"] = r.driven_by;
  if (r.wanted)
    j["goal"] = {{"ratio", r.wanted->ratio},
                 {"rate_429", r.wanted->rate_429},
                 {"reached", r.reaches_goal()}};
  return j;
}

void print(const std::vector<row>& rows) {
  const std::string* scenario = nullptr;
  for (const auto& r : rows) {
    if (!scenario || *scenario != r.scenario) {
      std::printf("\n%s: %zu tasks, lower bound %.1f s\n", r.scenario.c_str(), r.tasks, r.bound_s);
      std::printf("  %-10s %-20s %8s %8s %10s %10s\n", "knowledge", "policy", "ratio", "worst",
                  "429s %", "worst %");
      scenario = &r.scenario;
    }
    std::printf("  %-10s %-20s %8.4f %8.4f %10.3f %10.3f", r.knowledge.c_str(), r.policy.c_str(),
                r.ratio, r.ratio_worst, 100 * r.rate_429, 100 * r.rate_429_worst);
    if (!r.finished) std::printf("  never finishes");
    if (r.wanted)
      std::printf("  %s %.3f, %.2f %%", r.reaches_goal() ? "reaches" : "MISSES", r.wanted->ratio,
                  100 * r.wanted->rate_429);
    std::printf("\n");
  }
}

}  // namespace assay::bench
