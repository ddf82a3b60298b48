#include "app/run/selection.hpp"

#include <algorithm>
#include <map>

namespace assay::app {

namespace {

using names = std::vector<std::string>;

bool contains(const names& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

void keep_only(names& list, const names& wanted) {
  if (wanted.empty()) return;
  std::erase_if(list, [&](const std::string& name) { return !contains(wanted, name); });
}

/// `--only` sorted by what it speaks of; a bare name is an experiment.
using wishes = std::map<std::string, names>;

expected<wishes> parse(const settings& all, const names& only) {
  const std::map<std::string, names> known{{"experiment", names_of(all.experiments)},
                                           {"model", names_of(all.models)},
                                           {"dataset", names_of(all.datasets)},
                                           {"prompt", names_of(all.prompts)},
                                           {"provider", names_of(all.providers)}};
  wishes result;
  for (const auto& wish : only) {
    auto equals = wish.find('=');
    auto kind = equals == std::string::npos ? "experiment" : wish.substr(0, equals);
    auto name = equals == std::string::npos ? wish : wish.substr(equals + 1);
    auto kind_known = known.find(kind);
    if (kind_known == known.end())
      return fail("--only " + wish, "'" + kind + "' is not something to choose by",
                  "use experiment, model, dataset, prompt or provider");
    if (auto ok = must_exist("--only " + wish, kind_known->second, name); !ok)
      return tl::make_unexpected(ok.error());
    result[kind].push_back(name);
  }
  return result;
}

}  // namespace

expected<void> must_exist(const std::string& option, const std::vector<std::string>& known,
                          const std::string& name) {
  if (contains(known, name)) return {};
  std::vector<std::string_view> candidates(known.begin(), known.end());
  auto close = nearest(name, candidates);
  std::string all;
  for (const auto& k : known) all += (all.empty() ? "" : ", ") + k;
  return fail(option, "nothing is called '" + name + "'",
              close.empty() ? "there is: " + all : "did you mean '" + std::string(close) + "'?");
}

expected<settings> select(settings all, const selection& chosen) {
  if (all.experiments.empty())
    return fail(all.file, "the file declares no experiment",
                "add [experiments.NAME] with datasets, models and prompts");
  auto wanted = parse(all, chosen.only);
  if (!wanted) return tl::make_unexpected(wanted.error());
  auto& w = *wanted;
  if (!w["experiment"].empty())
    std::erase_if(all.experiments,
                  [&](const auto& e) { return !contains(w["experiment"], e.name); });
  for (auto& model : all.models) keep_only(model.providers, w["provider"]);
  for (auto& experiment : all.experiments) {
    keep_only(experiment.models, w["model"]);
    keep_only(experiment.datasets, w["dataset"]);
    keep_only(experiment.prompts, w["prompt"]);
    std::erase_if(experiment.models, [&](const std::string& name) {
      return find_named(all.models, name)->providers.empty();
    });
    if (chosen.max_tasks)
      experiment.max_tasks =
          std::min(experiment.max_tasks.value_or(*chosen.max_tasks), *chosen.max_tasks);
  }
  std::erase_if(all.experiments, [](const auto& e) {
    return e.models.empty() || e.datasets.empty() || e.prompts.empty();
  });
  if (chosen.limit)
    for (auto& dataset : all.datasets)
      dataset.limit = std::min(dataset.limit.value_or(*chosen.limit), *chosen.limit);
  if (all.experiments.empty())
    return fail("--only",
                "the selection leaves no experiment with a model, a dataset and a prompt");
  return all;
}

}  // namespace assay::app
