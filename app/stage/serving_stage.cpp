#include "app/stage/serving_stage.hpp"

#include "app/nodes/node.hpp"
#include "app/run/accounts.hpp"

namespace assay::app {

namespace {

/// What the coordinators of a ledger know from each other.
struct legacy {
  std::string secret;
  bool ended_without_a_word = false;
};

expected<legacy> legacy_of(const std::string& ledger) {
  auto opened = storage::open_ledger(ledger);
  if (!opened) return tl::make_unexpected(opened.error());
  auto secret = (*opened)->secret("seal");
  if (!secret) return tl::make_unexpected(secret.error());
  auto crashed = ended_without_a_word(**opened);
  if (!crashed) return tl::make_unexpected(crashed.error());
  return legacy{std::move(*secret), *crashed};
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
  auto opened = legacy_of(ledger).and_then([&](const legacy& before) {
    auto returning = before.ended_without_a_word ? nodes_return_within : milliseconds(0);
    return coordinator::open(mocks->config.nodes, accounts_of(mocks->config),
                             {places_here, programs_here, before.secret, returning,
                              [leads = leads.get()] { return leads->is_sure(); }});
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
