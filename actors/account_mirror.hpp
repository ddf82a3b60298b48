#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/settings.hpp"
#include "providers/limits/account.hpp"

namespace assay::actors {

/// What is known of an account from before this process began: what it was sent and still counts
/// against its limits, and the limits that were learned.
struct account_memory {
  struct one {
    instant at;
    std::string model;
    double input_tokens = 0;
    double output_tokens = 0;
    double cost_usd = 0;
    std::string egress{};  ///< the address that it left by; empty: ours
  };
  std::string provider;
  std::vector<one> sent;      ///< oldest first
  int perhaps_in_flight = 0;  ///< more that a process which died may have sent, unrecorded
  known_limits limits;
};

/// The mirror of the account's limits: begun in the past, it has lived through what was sent since.
limits::account mirror_of(const limit_settings&, const account_memory&, const time_anchor&,
                          instant now);

/// Tells the mirror what an exchange says of the limits that was admitted at `admitted`. Gives the
/// cut if it was a 429; `backoff` is asked then for the wait if nothing else tells how long.
std::optional<limits::account::cut> heed(limits::account&, const attempt&,
                                         const limits::charge& reserved, instant admitted,
                                         instant now, const std::function<duration()>& backoff);

}  // namespace assay::actors
