#pragma once

#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "app/plan/forecast.hpp"

/// Scenes to forecast.
namespace assay::tests {

using namespace planning;

inline rate_limit per_minute(dimension counts, double amount, double burst, std::string key) {
  return {.counts = counts, .amount = amount, .burst = burst, .key = std::move(key)};
}

/// 60 samples of the examples, asked `epochs` times of one model with at most 400 output tokens.
inline settings lab(std::uint32_t epochs, limit_settings limits) {
  settings all;
  provider_settings api;
  api.name = "api";
  api.base_url = "https://api.example.org/v1";
  api.limits = std::move(limits);
  all.providers = {api};
  all.models = {{.name = "m", .providers = {"api"}, .max_tokens = 400}};
  all.models[0].prices = {.input = 1, .cached_input = {}, .cache_write = {}, .output = 2};
  all.datasets = {{.name = "sums", .path = "config/examples/arithmetic.jsonl"}};
  all.datasets[0].fields = {.id = "id", .input = "question", .target = "answer"};
  all.prompts = {{.name = "plain", .user = "{{input}}"}};
  experiment_settings e;
  e.name = "e";
  e.datasets = {"sums"};
  e.models = {"m"};
  e.prompts = {"plain"};
  e.epochs = epochs;
  all.experiments = {e};
  return all;
}

inline known_scene scene_of(const settings& all, history before = {},
                            const assumptions& otherwise = {{500, 500}, {100, 300}, 100}) {
  spdlog::set_level(spdlog::level::off);
  auto plan = evaluation::plan::make(all, all.experiments[0]);
  REQUIRE(plan);
  std::vector<std::size_t> missing(plan->size());
  for (std::size_t i = 0; i < missing.size(); ++i) missing[i] = i;
  return set_scene(all, all.experiments[0], *plan, missing, before, otherwise);
}

inline const knob* find_knob(const run_forecast& f, const std::string& what) {
  auto found =
      std::find_if(f.knobs.begin(), f.knobs.end(), [&](const knob& k) { return k.what == what; });
  return found == f.knobs.end() ? nullptr : &*found;
}

/// So many exchanges that took a second each and brought 50 tokens.
inline history past(std::size_t n, double total_s = 1) {
  storage::past_exchange one;
  one.provider = "api";
  one.model = "m";
  one.estimated_input_tokens = 10;
  one.input_tokens = 20;
  one.output_tokens = 50;
  one.first_content_s = 0.2;
  one.total_s = total_s;
  return {std::vector<storage::past_exchange>(n, one), {}};
}

}  // namespace assay::tests
