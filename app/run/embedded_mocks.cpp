#include "app/run/embedded_mocks.hpp"

#include <map>
#include <set>

namespace assay::app {

namespace {

constexpr std::string_view scheme = "mock:";

/// Those that answer samples, those that grade, and who makes vectors.
std::vector<std::string> models_of(const settings& all, const experiment_settings& experiment) {
  auto models = experiment.models;
  for (const auto& name : experiment.judges)
    if (const auto* judge = find_named(all.judges, name))
      models.insert(models.end(), judge->grader.models.begin(), judge->grader.models.end());
  if (experiment.mode == "extraction") models.push_back(all.extraction.embedding_model);
  return models;
}

std::set<std::string> providers_in_use(const settings& all) {
  std::set<std::string> used;
  for (const auto& experiment : all.experiments)
    for (const auto& name : models_of(all, experiment))
      if (const auto* model = find_named(all.models, name)) {
        used.insert(model->providers.begin(), model->providers.end());
        used.insert(model->fallback.begin(), model->fallback.end());
      }
  return used;
}

}  // namespace

checked<embedded_mocks> start_embedded_mocks(settings config) {
  embedded_mocks mocks{std::move(config), {}};
  auto used = providers_in_use(mocks.config);
  std::map<std::string, std::string> urls;
  for (auto& provider : mocks.config.providers) {
    if (provider.base_url.rfind(scheme, 0) != 0 || used.count(provider.name) == 0) continue;
    auto name = provider.base_url.substr(scheme.size());
    if (urls.count(name) == 0) {
      const auto* declared = find_named(mocks.config.mocks, name);
      auto samples = mock_samples(mocks.config, *declared);
      if (!samples) return tl::make_unexpected(samples.error());
      auto server = mock_server::start(*declared, std::move(*samples));
      if (!server) return tl::make_unexpected(std::vector<problem>{server.error()});
      urls[name] = server->url();
      mocks.servers.push_back(std::move(*server));
    }
    provider.base_url = urls[name];
  }
  return mocks;
}

}  // namespace assay::app
