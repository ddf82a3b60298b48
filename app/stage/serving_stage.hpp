#pragma once

#include "app/nodes/coordinator.hpp"
#include "app/nodes/leadership.hpp"
#include "app/run/embedded_mocks.hpp"
#include "app/stage/stage.hpp"

namespace assay::app {

/// A coordinator whose runs are made by the nodes that join it (`[nodes]` of the file says where),
/// in real time.
class serving_stage final : public stage {
 public:
  /// `places_here`: exchanges of an account that this process makes itself; `programs_here`:
  /// programs of a judge. Simulated providers listen on `mocks_at`, where the nodes must reach
  /// them. REQUIRES: `[nodes]` has an address and certificates; stop signals are blocked.
  static checked<std::unique_ptr<serving_stage>> open(
      settings, const std::string& ledger, std::unique_ptr<leadership>, std::uint32_t places_here,
      const std::string& mocks_at = "127.0.0.1",
      std::uint32_t programs_here = std::numeric_limits<std::uint32_t>::max());

  const settings& config() const override { return mocks_.config; }
  run_manner manner() const override;
  session_end run(const prepared_run&, const session_options&, const time_anchor&) override;

  coordinator& here() { return *coordinator_; }

 private:
  serving_stage(embedded_mocks, std::unique_ptr<leadership>, std::unique_ptr<coordinator>);
  session_home home() const;

  embedded_mocks mocks_;
  std::unique_ptr<leadership> leads_;
  std::unique_ptr<coordinator> coordinator_;
};

}  // namespace assay::app
