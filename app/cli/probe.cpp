#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/cli/command.hpp"
#include "app/cli/input.hpp"
#include "app/cli/new_file.hpp"
#include "app/probe/caller.hpp"
#include "app/probe/stanza.hpp"
#include "app/run/embedded_mocks.hpp"
#include "app/run/prepare.hpp"
#include "config/load.hpp"
#include "providers/catalog/cost.hpp"

namespace assay::cli {

namespace {

/// What the smallest request can be charged as, its wrapping included.
constexpr std::int64_t most_input_tokens = 32;

struct probe_options {
  std::string provider;
  std::string config = "assay.toml";
  std::string model;
  std::string write;
  probing::probe_limits means;
};

template <class Entry>
problem not_declared(const std::string& file, const std::string& what, const std::string& name,
                     const std::vector<Entry>& declared) {
  std::vector<std::string_view> names;
  for (const auto& entry : declared) names.push_back(entry.name);
  auto close = nearest(name, names);
  return {file, "declares no " + what + " '" + name + "'",
          close.empty() ? "" : "did you mean '" + std::string(close) + "'?"};
}

/// The model to ask: the one that was named, else the first that the provider serves.
expected<model_settings> choose_model(const settings& all, const probe_options& wanted) {
  auto served = [&](const model_settings& m) {
    return std::find(m.providers.begin(), m.providers.end(), wanted.provider) != m.providers.end();
  };
  if (wanted.model.empty()) {
    auto first = std::find_if(all.models.begin(), all.models.end(), served);
    if (first != all.models.end()) return *first;
    return fail(all.file, "no model is served by " + wanted.provider,
                "declare one with provider = \"" + wanted.provider + "\"");
  }
  const auto* named = find_named(all.models, wanted.model);
  if (!named) return tl::make_unexpected(not_declared(all.file, "model", wanted.model, all.models));
  if (served(*named)) return *named;
  return fail(all.file, "model " + wanted.model + " is not served by " + wanted.provider);
}

/// The settings narrowed to this model at this provider.
checked<settings> load_subject(const probe_options& wanted) {
  auto all = config::load(wanted.config);
  if (!all) return all;
  if (!find_named(all->providers, wanted.provider))
    return tl::make_unexpected(
        std::vector{not_declared(all->file, "provider", wanted.provider, all->providers)});
  auto model = choose_model(*all, wanted);
  if (!model) return tl::make_unexpected(std::vector{model.error()});
  model->providers = {wanted.provider};
  all->models = {*model};
  experiment_settings probe;
  probe.name = "probe";
  probe.models = {model->name};
  all->experiments = {probe};
  return all;
}

probing::surroundings real_world(probing::caller& calls, bool quiet) {
  probing::surroundings world;
  world.now = [] { return std::chrono::steady_clock::now(); };
  world.wait = [](duration d) { std::this_thread::sleep_for(d); };
  world.send = [&calls](int n) { return calls.send(n); };
  if (!quiet)
    world.progress = [](const probing::volley& v, const probing::belief& b) {
      std::fprintf(stderr, "%7.1f s  %3d sent, %3d taken; %s %.0f %%\n", v.at_s, v.sent, v.accepted,
                   std::string{to_string(b.what)}.c_str(), 100 * b.probability);
    };
  return world;
}

std::string today() {
  auto now = std::time(nullptr);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
  return text;
}

/// Prints what was found; its exit code.
int hand_over(const probing::subject& of, const probing::probe_report& found,
              const probe_options& wanted, const globals& options) {
  auto settings = stanza(of, found);
  if (options.json)
    std::printf("%s\n", to_json(of, found).dump(2).c_str());
  else
    print(of, found);
  if (!wanted.write.empty()) {
    if (auto written = write_new(wanted.write, settings, "name a new file"); !written) {
      print_problems({written.error()});
      return usage_error;
    }
  } else if (!options.json) {
    std::printf("\n%s", settings.c_str());
  }
  return found.requests > found.failed ? success : some_errors;
}

int probe(probe_options wanted, const globals& options) {
  auto all = load_subject(wanted);
  auto mocks = all ? app::start_embedded_mocks(std::move(*all))
                   : checked<app::embedded_mocks>{tl::make_unexpected(all.error())};
  auto accounts =
      mocks ? app::open_accounts(mocks->config, mocks->config.experiments[0].models)
            : checked<std::vector<actors::account_access_ptr>>{tl::make_unexpected(mocks.error())};
  if (!accounts) {
    print_problems(accounts.error());
    return usage_error;
  }
  const auto& model = mocks->config.models[0];
  auto asked = probing::small_request(model);
  wanted.means.request_cost_usd =
      catalog::cost_ceiling(most_input_tokens, *asked.max_tokens, model.prices).value;
  probing::caller calls(*accounts->front(), model);
  auto found = probing::run_probe(wanted.means, real_world(calls, options.quiet));
  return hand_over({wanted.provider, model.name, today()}, found, wanted, options);
}

}  // namespace

void add_probe(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<probe_options>();
  auto* command =
      app.add_subcommand("probe", "Find out the limits of a provider's account with few requests");
  command->add_option("PROVIDER", wanted->provider, "Its name in the configuration")->required();
  command->add_option("--config", wanted->config, "The file that declares it")
      ->capture_default_str();
  command->add_option("--model", wanted->model, "Ask this model (default: the first it serves)");
  command->add_option("--max-requests", wanted->means.max_requests, "Never send more than these")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("--max-cost", wanted->means.max_cost_usd, "Never spend more than this (USD)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--max-seconds", wanted->means.max_time_s, "Ask no longer than this")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--write", wanted->write, "Write the settings to this new file");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return probe(*wanted, options); };
  });
}

}  // namespace assay::cli
