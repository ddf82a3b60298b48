#pragma once

#include <optional>

#include "app/demo/folder.hpp"
#include "app/demo/hosts.hpp"
#include "app/stage/serving_stage.hpp"

namespace assay::demo {

struct node_options {
  folder where;
  std::vector<std::string> names;
  bool own_hosts = false;  ///< each on a host of its own; else all of them here
};

/// A coordinator in this process and nodes (`assay node`) that are its children, over TLS. They
/// end with it.
class node_stage final : public app::stage {
 public:
  /// Ready when all nodes have joined. Problems: those of `serving_stage` and `hosts`, a node that
  /// does not join. REQUIRES: stop signals are blocked.
  static checked<std::unique_ptr<app::stage>> open(settings, std::unique_ptr<app::leadership>,
                                                   const node_options&);
  ~node_stage() override;

  const settings& config() const override { return serving_->config(); }
  app::run_manner manner() const override { return serving_->manner(); }
  app::session_end run(const app::prepared_run& run, const app::session_options& options,
                       const time_anchor& anchor) override {
    return serving_->run(run, options, anchor);
  }

 private:
  struct node {
    std::string name;
    std::filesystem::path log;
    process running;
  };

  node_stage() = default;
  expected<void> start(const node_options&, const std::string& address);
  expected<void> wait_for_all();
  std::size_t joined() const;

  std::optional<hosts> hosts_;
  std::unique_ptr<app::serving_stage> serving_;
  std::vector<node> nodes_;
};

}  // namespace assay::demo
