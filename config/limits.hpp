#pragma once

#include "config/sections.hpp"

namespace assay::config {

/// A key that states a limit, e.g. `rpm`: so many requests in 60 seconds.
struct limit_key {
  const char* name;
  dimension counts;
  int window_s;
  std::optional<double> stated_limits::*amount;
  double least;
  const char* help;
};

/// All of them, in the order in which they appear in the settings.
const std::vector<limit_key>& limit_keys();

/// The limits of the API in the settings' own form. A burst that is not stated is one second's
/// worth (1 for qps), of tokens at least 8192 or the whole limit: what is larger than the burst
/// never goes. Daily limits are counted exactly (`sliding_log`) unless a shape is stated: a bucket
/// that holds one second's worth of a day would admit one request now and then.
std::vector<rate_limit> to_rates(reading&, const node& table, place at, const stated_limits&);

/// The options that state rates. The draft has `stated`. `client`: also what only the one who asks
/// has to know: what may be spent, and when windows begin.
template <class Draft>
options<Draft> rate_options(bool client) {
  options<Draft> out;
  for (const auto& key : limit_keys()) {
    if (key.counts == dimension::money && !client) continue;
    out.push_back(
        field<Draft>(key.name, [amount = key.amount](auto& d) -> auto& { return d.stated.*amount; },
                     key.help, {.min = key.least}));
  }
  out.push_back(field<Draft>(
      "burst", [](auto& d) -> auto& { return d.stated.burst; },
      "requests that may go at once (shape bucket); one second's worth, 1 for qps, if not set",
      {.min = 1}));
  out.push_back(field<Draft>(
      "token_burst", [](auto& d) -> auto& { return d.stated.token_burst; },
      "tokens that may go at once (shape bucket); a larger request waits until all of it is free; "
      "one second's worth, at least 8192 or the whole limit, if not set",
      {.min = 1}));
  out.push_back(field<Draft>(
      "limit_shape", [](auto& d) -> auto& { return d.stated.shape; },
      "how the API counts: bucket if not set, and sliding_log for limits per day"));
  if (client)
    out.push_back(field<Draft>("window_start",
                               [](auto& d) -> auto& { return d.stated.window_start; },
                               "when fixed windows begin, in seconds after each whole multiple of "
                               "their length (UTC): 0 if a window of a minute begins with the "
                               "minute; if not set, any moment is taken to be possible",
                               {.min = 0, .max = 86'400}));
  return out;
}

/// Reads a table of limits of each egress address. `client`: as of `rate_options`.
void read_address_limits(reading&, const node&, const std::string& section, bool client,
                         address_limits&);

/// The options of every table that has limits. The draft has `value.limits` and `stated`.
template <class Draft>
options<Draft> limit_options(rule parallel, const char* parallel_help, bool client) {
  options<Draft> out{field<Draft>(
      "max_parallel", [](auto& d) -> auto& { return d.value.limits.max_parallel; }, parallel_help,
      parallel)};
  for (auto& o : rate_options<Draft>(client)) out.push_back(std::move(o));
  out.push_back(field<Draft>(
      "reserve", [](auto& d) -> auto& { return d.value.limits.reserve; },
      "what a token limit is charged with when a request is admitted"));
  out.push_back(special<Draft>(
      "address", "a table",
      "limits of each egress address: max_parallel and the keys of a rate above, on top of the "
      "account's (nodes.md)",
      [client](reading& in, const node& n, Draft& d) {
        auto section = dotted(dotted(client ? "providers" : "mocks", d.value.name), "address");
        read_address_limits(in, n, section, client, d.value.limits.each_address);
      }));
  return out;
}

}  // namespace assay::config
