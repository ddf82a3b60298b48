#pragma once

#include "messages/attempt.hpp"
#include "messages/settings.hpp"
#include "providers/dialects/dialect.hpp"
#include "providers/simulated/service.hpp"

namespace assay::simulated {

/// How an exchange with the simulated service ends, and when.
struct played {
  exchange_result result;
  instant ends;
};

/// Plays a reply into a reader, as the HTTP engine would: the same time line, the same time-outs,
/// the same errors. The whole exchange is computed at once; nothing waits.
played play(const reply&, dialects::answer_reader&, const timeouts&, instant sent);

}  // namespace assay::simulated
