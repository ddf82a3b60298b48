#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/dry_run.hpp"
#include "app/cli/input.hpp"
#include "app/plan/preview.hpp"
#include "app/plan/print.hpp"
#include "app/run/accounts.hpp"
#include "app/run/prepare.hpp"

namespace assay::cli {

namespace {

using nlohmann::json;

/// The newest exchanges of the ledger that a forecast looks at.
constexpr std::size_t most_history = 50'000;
/// The newest samples of several calls.
constexpr std::size_t most_samples = 5'000;

struct plan_options {
  file_options input;
  bool simulate = false;
  planning::assumptions otherwise;
};

/// Simulated runs log nothing: what would be an event in a run is a figure in a forecast.
class silence {
 public:
  silence() : level_(spdlog::get_level()) { spdlog::set_level(spdlog::level::off); }
  ~silence() { spdlog::set_level(level_); }
  silence(const silence&) = delete;
  silence& operator=(const silence&) = delete;

 private:
  spdlog::level::level_enum level_;
};

expected<planning::history> history_of(const settings& all, const std::string& path) {
  planning::history before;
  if (!storage::may_exist(path)) return before;
  auto ledger = storage::open_ledger(path);
  if (!ledger) return tl::make_unexpected(ledger.error());
  auto exchanges = (*ledger)->recent_exchanges(most_history);
  if (!exchanges) return tl::make_unexpected(exchanges.error());
  before.exchanges = std::move(*exchanges);
  auto samples = (*ledger)->recent_samples(most_samples);
  if (!samples) return tl::make_unexpected(samples.error());
  before.samples = std::move(*samples);
  auto now = app::anchor_now();
  for (const auto& provider : all.providers) {
    auto found = app::limits_found_before(**ledger, provider, now);
    if (!found) return tl::make_unexpected(found.error());
    if (!found->rates.empty()) before.limits.emplace(provider.name, std::move(*found));
  }
  return before;
}

planning::run_forecast simulate(const settings& all, const experiment_settings& experiment,
                                const planning::preview& ahead, const planning::history& history,
                                const planning::assumptions& otherwise) {
  silence while_simulating;
  return planning::make_forecast(
      planning::set_scene(all, experiment, ahead.plan, ahead.to_send, history, otherwise));
}

/// Shows every experiment; `options.simulate` adds the forecast.
int show_plan(const settings& all, const plan_options& options, const globals& global) {
  auto ledger = ledger_of(global, all);
  auto history = options.simulate ? history_of(all, ledger) : planning::history{};
  if (!history) {
    print_problems({history.error()});
    return usage_error;
  }
  json out = json::array();
  for (const auto& experiment : all.experiments) {
    auto ahead = planning::look_ahead(all, experiment, ledger);
    if (!ahead) {
      print_problems(ahead.error());
      return usage_error;
    }
    if (global.json)
      out.push_back(to_json(*ahead));
    else
      print(*ahead);
    if (!options.simulate) continue;
    auto forecast = simulate(all, experiment, *ahead, *history, options.otherwise);
    if (global.json)
      out.back()["forecast"] = to_json(forecast);
    else
      print(forecast);
  }
  if (global.json)
    std::printf("%s\n", out.dump(2, ' ', false, json::error_handler_t::replace).c_str());
  return success;
}

/// For models that neither the ledger nor a mock tells about.
void add_assumptions(CLI::App& command, planning::assumptions& otherwise) {
  auto add = [&](const char* name, auto set, const std::string& help) {
    command.add_option_function<double>(name, set, help + " of a model that nobody has measured")
        ->check(CLI::PositiveNumber);
  };
  auto spread = [](distribution& d) {
    return [&d, ratio = d.p99 / d.median](double median) { d = {median, median * ratio}; };
  };
  add("--first-token-ms", spread(otherwise.first_token_ms), "Median time to the first token");
  add("--output-tokens", spread(otherwise.output_tokens), "Median answer length");
  add(
      "--tokens-per-second", [&otherwise](double rate) { otherwise.tokens_per_second = rate; },
      "Speed of the answer");
}

}  // namespace

int dry_run(const settings& all, const globals& options) { return show_plan(all, {}, options); }

void add_plan(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<plan_options>();
  auto* command = app.add_subcommand("plan", "Show what a run would send, without sending it");
  add_file_options(*command, wanted->input);
  command->add_flag("--simulate", wanted->simulate,
                    "Also run it in virtual time: how long it would take, what it would cost, "
                    "and what would make it shorter");
  add_assumptions(*command, wanted->otherwise);
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] {
      auto all = load_selected(wanted->input, options);
      return all ? show_plan(*all, *wanted, options) : int{usage_error};
    };
  });
}

}  // namespace assay::cli
