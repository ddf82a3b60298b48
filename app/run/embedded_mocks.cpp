#include "app/run/embedded_mocks.hpp"

#include <map>
#include <set>

namespace assay::app {

namespace {

constexpr std::string_view scheme = "mock:";

std::set<std::string> models_in_use(const settings& all) {
  std::set<std::string> used{all.extraction.model, all.extraction.embedding_model};
  for (const auto& experiment : all.experiments)
    used.insert(experiment.models.begin(), experiment.models.end());
  for (const auto& judge : all.judges)
    used.insert(judge.grader.models.begin(), judge.grader.models.end());
  return used;
}

std::set<std::string> providers_in_use(const settings& all) {
  std::set<std::string> used;
  for (const auto& name : models_in_use(all))
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
