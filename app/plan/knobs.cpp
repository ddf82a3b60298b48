#include "app/plan/knobs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "analysis/percentile.hpp"

namespace assay::planning {

namespace {

std::string text(double n) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.10g", n);
  return digits;
}

template <class T>
T& named(std::vector<T>& entries, const std::string& name) {
  return *std::find_if(entries.begin(), entries.end(), [&](const T& e) { return e.name == name; });
}

candidate doubled_parallel(const provider_settings& p) {
  auto now = p.limits.max_parallel;
  return {{"max_parallel of " + p.name, text(now), text(2 * now), 0, 0},
          [name = p.name](scene& s) { named(s.config.providers, name).limits.max_parallel *= 2; }};
}

candidate doubled_rate(const provider_settings& p, std::size_t i) {
  const auto& limit = p.limits.rates[i];
  return {{limit.key + " of " + p.name, text(limit.amount), text(2 * limit.amount), 0, 0},
          [name = p.name, i](scene& s) {
            named(s.config.providers, name).limits.rates[i].amount *= 2;
          }};
}

bool charges_output(const provider_settings& p) {
  return p.limits.reserve == reserve_policy::max_tokens &&
         std::any_of(p.limits.rates.begin(), p.limits.rates.end(), [](const rate_limit& l) {
           return l.counts == dimension::tokens || l.counts == dimension::output_tokens;
         });
}

/// What 99.5 % of the answers need, rounded up to two digits.
std::int32_t needed_tokens(const tally& sums, const std::string& model) {
  std::vector<double> outputs;
  for (const auto& answer : sums.served)
    if (sums.models[answer.model] == model) outputs.push_back(answer.output_tokens);
  if (outputs.empty()) return 0;
  auto most = analysis::percentiles(outputs, {99.5}).front().value;
  auto unit = std::pow(10, std::max(0.0, std::floor(std::log10(std::max(1.0, most))) - 1));
  return static_cast<std::int32_t>(std::ceil(most / unit) * unit);
}

candidate lower_cap(const model_settings& model, std::int32_t cap) {
  return {{"max_tokens of " + model.name, text(*model.max_tokens), text(cap), 0, 0},
          [name = model.name, cap](scene& s) { named(s.config.models, name).max_tokens = cap; }};
}

}  // namespace

std::vector<candidate> candidates(const scene& s, const tally& sums) {
  std::vector<candidate> all;
  std::set<std::string> used;
  for (const auto& name : models_asked(s)) {
    const auto& model = *find_named(s.config.models, name);
    used.insert(model.providers.begin(), model.providers.end());
    auto by_cap = std::any_of(model.providers.begin(), model.providers.end(), [&](const auto& p) {
      return charges_output(*find_named(s.config.providers, p));
    });
    auto cap = needed_tokens(sums, name);
    if (by_cap && model.max_tokens && cap > 0 && cap < *model.max_tokens)
      all.push_back(lower_cap(model, cap));
  }
  for (const auto& name : used) {
    const auto& provider = *find_named(s.config.providers, name);
    for (std::size_t i = 0; i < provider.limits.rates.size(); ++i)
      all.push_back(doubled_rate(provider, i));
    all.push_back(doubled_parallel(provider));
  }
  if (const auto& batching = s.experiment.batching; batching.max_items > 1) {
    all.push_back(
        {{"batching.max_calls", text(batching.max_calls), text(2 * batching.max_calls), 0, 0},
         [](scene& changed) { changed.experiment.batching.max_calls *= 2; }});
    all.push_back({{"batching.spacing", text(seconds(batching.spacing)) + " s",
                    text(seconds(batching.spacing) / 2) + " s", 0, 0},
                   [](scene& changed) { changed.experiment.batching.spacing /= 2; }});
  }
  if (auto most = s.experiment.concurrency)
    all.push_back({{"concurrency", text(*most), text(2 * *most), 0, 0},
                   [](scene& changed) { *changed.experiment.concurrency *= 2; }});
  return all;
}

}  // namespace assay::planning
