#include "app/run/embedded_mocks.hpp"
#include "app/stage/stage.hpp"

namespace assay::app {

namespace {

class here final : public stage {
 public:
  explicit here(embedded_mocks mocks) : mocks_(std::move(mocks)) {}

  const settings& config() const override { return mocks_.config; }
  session_end run(const prepared_run& run, const session_options& options,
                  const time_anchor& anchor) override {
    return run_session(run, options, anchor);
  }

 private:
  embedded_mocks mocks_;
};

}  // namespace

checked<std::unique_ptr<stage>> real_stage(settings config) {
  auto mocks = start_embedded_mocks(std::move(config));
  if (!mocks) return tl::make_unexpected(mocks.error());
  return std::make_unique<here>(std::move(*mocks));
}

}  // namespace assay::app
