#include "app/mock/server.hpp"
#include "evaluation/dataset.hpp"

namespace assay::app {

checked<std::vector<sample>> mock_samples(const settings& all, const mock_settings& mock) {
  std::vector<sample> samples;
  std::vector<problem> problems;
  for (const auto& name : mock.datasets) {
    const auto* declared = find_named(all.datasets, name);
    if (!declared) {
      problems.push_back({"mocks." + mock.name, "there is no dataset '" + name + "'", {}});
      continue;
    }
    auto whole = *declared;
    whole.limit.reset();
    auto loaded = evaluation::load_dataset(whole);
    if (loaded)
      std::move(loaded->begin(), loaded->end(), std::back_inserter(samples));
    else
      std::move(loaded.error().begin(), loaded.error().end(), std::back_inserter(problems));
  }
  if (!problems.empty()) return tl::make_unexpected(std::move(problems));
  return samples;
}

}  // namespace assay::app
