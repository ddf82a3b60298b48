#pragma once

#include <string>
#include <vector>

#include "messages/settings.hpp"

namespace assay::analysis {

/// A task as the bound sees it: measured service time of its successful attempt and what it was
/// charged.
struct served_task {
  double service_s = 0;      ///< sent -> done
  double tokens = 0;         ///< as charged to a limit on all tokens
  double input_tokens = 0;   ///< as charged to a limit on input tokens
  double output_tokens = 0;  ///< as charged to a limit on output tokens
};

struct bound {
  double seconds = 0;
  std::string binds;  ///< `rpm`, `tpm`, `max_parallel`, `longest answer` ...
};

/// The least time in which one provider account with these limits could have served the tasks
/// (docs/limits.md, D3: rate and tail, weighted, concurrency, combined). The limiters start with
/// all their room.
bound lower_bound(const limit_settings&, std::vector<served_task>);

/// The limits of an account whose requests left by so many addresses: what each address may do is
/// added up, which can only make the bound smaller.
limit_settings over_addresses(limit_settings, std::size_t addresses);

/// The same for tasks each of which any of several accounts could serve: the arrival curves and the
/// caps of the accounts are added up, which can only make the bound smaller. A kind of limit that
/// one account does not have limits nobody; `binds` then names the kinds (`rpm` of all).
bound lower_bound(const std::vector<limit_settings>&, std::vector<served_task>);

}  // namespace assay::analysis
