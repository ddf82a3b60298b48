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

checked<settings> with_mocks(settings config, const start_mock& start) {
  auto used = providers_in_use(config);
  std::map<std::string, std::string> urls;
  for (auto& provider : config.providers) {
    if (provider.base_url.rfind(scheme, 0) != 0 || used.count(provider.name) == 0) continue;
    auto name = provider.base_url.substr(scheme.size());
    if (urls.count(name) == 0) {
      const auto* declared = find_named(config.mocks, name);
      auto samples = mock_samples(config, *declared);
      if (!samples) return tl::make_unexpected(samples.error());
      auto url = start(*declared, std::move(*samples));
      if (!url) return tl::make_unexpected(std::vector<problem>{url.error()});
      urls[name] = std::move(*url);
    }
    provider.base_url = urls[name];
  }
  return config;
}

checked<embedded_mocks> start_embedded_mocks(settings config, const std::string& address) {
  embedded_mocks mocks;
  auto start = [&](const mock_settings& mock,
                   std::vector<sample> samples) -> expected<std::string> {
    auto server = mock_server::start(mock, std::move(samples), {.address = address});
    if (!server) return tl::make_unexpected(server.error());
    return mocks.servers.emplace_back(std::move(*server)).url();
  };
  auto addressed = with_mocks(std::move(config), start);
  if (!addressed) return tl::make_unexpected(addressed.error());
  mocks.config = std::move(*addressed);
  return mocks;
}

}  // namespace assay::app
