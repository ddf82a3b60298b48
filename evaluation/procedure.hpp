#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "messages/task.hpp"

namespace assay::evaluation {

/// A model call that a procedure wants made.
struct wanted_call {
  std::string label;  ///< tells it from the procedure's other calls, e.g. `step 3`
  std::string model;  ///< as declared
  chat_request request;
};

/// What a call came to.
struct call_result {
  std::string label;
  outcome_status status = outcome_status::answered;
  api_error error;  ///< if `status == error`
  answer reply;
  std::string provider;
  usd cost;
  std::int64_t tokens = 0;  ///< input and output of all attempts
  milliseconds service{0};  ///< sent -> done of the last attempt
};

/// Why no verdict was given; it is asked for again by the next start of the run.
struct no_verdict {
  std::string reason;
};

/// What a procedure ends in.
using procedure_end = std::variant<outcome, verdict, no_verdict>;

/// A sample or a verdict that takes several model calls: which are wanted next follows from what
/// came back. It holds no socket and no clock. Deterministic, so that one that is begun again asks
/// for the same calls under the same labels, in whatever order results come, and what the ledger
/// holds of them is not paid again. No two calls of a procedure have the same label.
class procedure {
 public:
  virtual ~procedure() = default;

  /// The first calls; they may be made at the same time.
  virtual std::vector<wanted_call> begin() = 0;

  /// The calls that follow from the result of one. May wait for a tool, if its maker `blocks`.
  virtual std::vector<wanted_call> take(const call_result&) = 0;

  /// Called once, when no call is open and none is wanted. Key and judge are filled by the caller,
  /// as are the cost of an outcome and its provider.
  virtual procedure_end end() = 0;
};

using procedure_ptr = std::shared_ptr<procedure>;

/// Makes the procedures of one mode or of one judge. Immutable, may be shared between threads.
class procedure_maker {
 public:
  virtual ~procedure_maker() = default;

  /// For a mode: `got` is empty. For a judge: the answer to be judged.
  virtual procedure_ptr make(const record&) const = 0;

  /// Models that its procedures may ask, as declared, besides the one that answers the samples.
  virtual std::vector<std::string> models() const { return {}; }

  /// `take` waits for something else (a tool), so it belongs on threads of its own: how many
  /// procedures take a result at the same time. 0: it computes only.
  virtual unsigned blocks() const { return 0; }
};

using procedure_maker_ptr = std::shared_ptr<const procedure_maker>;

}  // namespace assay::evaluation
