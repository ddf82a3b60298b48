#include "messages/known_limits.hpp"

#include <algorithm>
#include <iterator>

namespace assay {

std::string_view to_string(knowledge k) {
  switch (k) {
    case knowledge::config:
      return "config";
    case knowledge::header:
      return "header";
    case knowledge::learned:
      return "learned";
    case knowledge::overload:
      break;
  }
  return "overload";
}

std::string limit_name(dimension counts, knowledge source) {
  constexpr std::string_view names[] = {"requests",      "tokens",    "input tokens",
                                        "output tokens", "in flight", "USD"};
  auto index = static_cast<std::size_t>(counts);
  return std::string(index < std::size(names) ? names[index] : "?") + " (" +
         std::string(to_string(source)) + ")";
}

namespace {

rate_limit as_configured(const known_rate& r) {
  rate_limit limit{r.counts,
                   r.high,
                   milliseconds(1000),
                   std::max(1.0, r.burst),
                   r.shape,
                   limit_name(r.counts, r.source)};
  if (r.shape == limit_shape::bucket) return limit;
  limit.window = std::chrono::duration_cast<milliseconds>(r.window.value_or(limit.window));
  limit.amount = r.high * seconds(limit.window);
  return limit;
}

}  // namespace

limit_settings with_found(limit_settings limits, const known_limits& all) {
  for (const auto& r : found_out(all).rates)
    if (r.address.empty())
      (r.model.empty() ? limits.rates : limits.models[r.model]).push_back(as_configured(r));
  return limits;
}

known_limits found_out(const known_limits& all) {
  known_limits found;
  auto worth_it = [](const auto& limit) {
    return limit.source == knowledge::header || limit.source == knowledge::learned;
  };
  std::copy_if(all.rates.begin(), all.rates.end(), std::back_inserter(found.rates), worth_it);
  std::copy_if(all.places.begin(), all.places.end(), std::back_inserter(found.places), worth_it);
  return found;
}

}  // namespace assay
