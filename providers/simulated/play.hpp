#pragma once

#include "providers/simulated/faults.hpp"
#include "providers/simulated/service.hpp"
#include "providers/simulated/wire.hpp"

namespace assay::simulated {

/// When the tokens of an answer come.
struct tempo {
  duration first_token{};
  double tokens_per_second = 0;  ///< 0: all at once with the first
};

/// A whole answer: one piece when the last token is there. REQUIRES: a fault that is played within
/// an answer, or none.
reply play_whole(const wire_format&, const completion&, const tempo&, fault, bool as_array);

/// An answer as a stream: one event a token; a few larger events if all come at once. Events that
/// are due within a millisecond travel together.
reply play_stream(const wire_format&, const completion&, const tempo&, fault);

}  // namespace assay::simulated
