#pragma once

#include <memory>

#include "app/run/session.hpp"

namespace assay::app {

/// Where the runs of a file take place: by which clock, over which transport, at which nodes. One
/// run at a time; what has to outlive a run (servers, nodes) lives as long as the stage.
class stage {
 public:
  virtual ~stage() = default;

  /// The file, with the addresses that its simulated providers have here.
  virtual const settings& config() const = 0;
  virtual run_manner manner() const { return {}; }
  /// Now, on both clocks.
  virtual time_anchor now() const { return anchor_now(); }
  /// Runs what is missing until it is done or something ends it, as `run_session` does.
  virtual session_end run(const prepared_run&, const session_options&, const time_anchor&) = 0;
};

/// This process, in real time. REQUIRES: stop signals are blocked.
checked<std::unique_ptr<stage>> real_stage(settings);

}  // namespace assay::app
