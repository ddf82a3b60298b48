#include "app/plan/print.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace assay::planning {

namespace {

using nlohmann::json;

/// `61.2 s`, `12.3 min`, `4.56 h`: three digits are as many as a forecast is worth.
std::string time_text(double s) {
  char text[48];
  if (s < 600)
    std::snprintf(text, sizeof text, "%.1f s", s);
  else if (s < 3 * 3600)
    std::snprintf(text, sizeof text, "%.1f min", s / 60);
  else
    std::snprintf(text, sizeof text, "%.2f h", s / 3600);
  return text;
}

void print_totals(const run_forecast& f) {
  std::printf("\nsimulated: %d runs of %zu tasks each%s\n", f.runs, f.simulated,
              f.simulated < f.tasks ? ", the rest is extrapolated" : "");
  std::printf("makespan   %s (95%%: %s to %s)\n", time_text(f.makespan_s.expected).c_str(),
              time_text(f.makespan_s.low).c_str(), time_text(f.makespan_s.high).c_str());
  std::printf("bound      %s, by %s\n", time_text(f.least.seconds).c_str(), f.least.binds.c_str());
  if (f.priced)
    std::printf("cost       USD %.4f (95%%: %.4f to %.4f)\n", f.cost_usd.expected, f.cost_usd.low,
                f.cost_usd.high);
  std::printf("tokens     %.0f in, %.0f out\n", f.input_tokens, f.output_tokens);
  if (f.follow_ups > 0) std::printf("follow-ups %.0f calls\n", f.follow_ups);
  if (f.errors >= 0.5) std::printf("errors     %.0f tasks\n", f.errors);
}

void print_providers(const run_forecast& f) {
  std::printf("\n%-16s %9s %9s %7s %10s %10s  %s\n", "provider", "tasks", "requests", "429s",
              "ends", "bound", "binds");
  for (const auto& p : f.providers)
    std::printf("%-16.16s %9.0f %9.0f %7.0f %10s %10s  %s\n", p.name.c_str(), p.tasks, p.requests,
                p.rate_limited, time_text(p.ends_s).c_str(), time_text(p.least.seconds).c_str(),
                p.least.binds.c_str());
}

void print_knobs(const run_forecast& f) {
  if (f.knobs.empty()) return;
  std::printf("\nwhat would make it shorter, by the bound and simulated\n");
  for (const auto& k : f.knobs) {
    auto change = k.what + ": " + k.from + " -> " + k.to;
    std::printf("  %-42s %10s %10s\n", change.c_str(), time_text(k.bound_saves_s).c_str(),
                time_text(k.simulated_saves_s).c_str());
  }
}

json to_json(const range& r) {
  return {{"expected", r.expected}, {"low", r.low}, {"high", r.high}};
}

json to_json(const analysis::bound& b) { return {{"seconds", b.seconds}, {"binds", b.binds}}; }

}  // namespace

void print(const run_forecast& f) {
  if (f.tasks == 0) return;
  print_totals(f);
  print_providers(f);
  print_knobs(f);
  if (!f.origins.empty()) std::printf("\nfigures of\n");
  for (const auto& o : f.origins)
    std::printf(
        "  %s at %s: %s%s\n", o.model.c_str(), o.provider.c_str(),
        std::string{to_string(o.from)}.c_str(),
        o.observations ? (", " + std::to_string(o.observations) + " exchanges").c_str() : "");
  for (const auto& note : f.notes) std::printf("note: %s\n", note.c_str());
}

json to_json(const run_forecast& f) {
  json providers = json::array(), knobs = json::array(), origins = json::array();
  for (const auto& p : f.providers)
    providers.push_back({{"provider", p.name},
                         {"tasks", p.tasks},
                         {"requests", p.requests},
                         {"rate_limited", p.rate_limited},
                         {"ends_s", p.ends_s},
                         {"bound", to_json(p.least)}});
  for (const auto& k : f.knobs)
    knobs.push_back({{"setting", k.what},
                     {"from", k.from},
                     {"to", k.to},
                     {"bound_saves_s", k.bound_saves_s},
                     {"simulated_saves_s", k.simulated_saves_s}});
  for (const auto& o : f.origins)
    origins.push_back({{"provider", o.provider},
                       {"model", o.model},
                       {"source", to_string(o.from)},
                       {"exchanges", o.observations}});
  json out{{"tasks", f.tasks},
           {"simulated_tasks", f.simulated},
           {"runs", f.runs},
           {"makespan_s", to_json(f.makespan_s)},
           {"bound", to_json(f.least)},
           {"input_tokens", f.input_tokens},
           {"output_tokens", f.output_tokens},
           {"follow_ups", f.follow_ups},
           {"errors", f.errors},
           {"providers", providers},
           {"knobs", knobs},
           {"figures", origins},
           {"notes", f.notes}};
  out["cost_usd"] = f.priced ? to_json(f.cost_usd) : json(nullptr);
  return out;
}

}  // namespace assay::planning
