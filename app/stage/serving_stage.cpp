#include "app/stage/serving_stage.hpp"

namespace assay::app {

namespace {

expected<std::string> secret_of(const std::string& ledger) {
  auto opened = storage::open_ledger(ledger);
  if (!opened) return tl::make_unexpected(opened.error());
  return (*opened)->secret("seal");
}

}  // namespace

serving_stage::serving_stage(embedded_mocks mocks, std::unique_ptr<leadership> leads,
                             std::unique_ptr<coordinator> nodes)
    : mocks_(std::move(mocks)), leads_(std::move(leads)), coordinator_(std::move(nodes)) {}

checked<std::unique_ptr<serving_stage>> serving_stage::open(
    settings config, const std::string& ledger, std::unique_ptr<leadership> leads,
    std::uint32_t places_here, const std::string& mocks_at, std::uint32_t programs_here) {
  auto mocks = start_embedded_mocks(std::move(config), mocks_at);
  if (!mocks) return tl::make_unexpected(mocks.error());
  auto opened = secret_of(ledger).and_then([&](const std::string& secret) {
    return coordinator::open(mocks->config.nodes, accounts_of(mocks->config), places_here, secret,
                             programs_here);
  });
  if (!opened) return tl::make_unexpected(std::vector<problem>{opened.error()});
  return std::unique_ptr<serving_stage>(
      new serving_stage(std::move(*mocks), std::move(leads), std::move(*opened)));
}

run_manner serving_stage::manner() const {
  auto only_nodes_call = coordinator_->home().places_here == 0;
  return {only_nodes_call ? key_holder::nodes : key_holder::this_process, leads_->term()};
}

session_home serving_stage::home() const {
  auto home = coordinator_->home();
  home.term = leads_->term();
  home.lost = [this] { return leads_->lost(); };
  return home;
}

session_end serving_stage::run(const prepared_run& run, const session_options& options,
                               const time_anchor& anchor) {
  return run_session(run, options, anchor, home());
}

}  // namespace assay::app
