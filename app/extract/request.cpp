#include "app/extract/request.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "messages/task_key.hpp"

namespace assay::extract {

namespace {

constexpr std::size_t hash_digits = 8;

std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

std::string names_of(const std::vector<model_settings>& models) {
  std::string all;
  for (const auto& model : models) all += (all.empty() ? "" : ", ") + model.name;
  return all;
}

}  // namespace

expected<std::string> choose_model(const request& wanted, const settings& all) {
  const auto& stated = wanted.model.empty() ? all.extraction.model : wanted.model;
  if (!stated.empty() && find_named(all.models, stated)) return stated;
  if (!stated.empty())
    return fail("--model", "unknown model \"" + stated + "\"", "known: " + names_of(all.models));
  std::vector<std::string> candidates;
  for (const auto& model : all.models)
    if (model.name != all.extraction.embedding_model) candidates.push_back(model.name);
  if (candidates.size() == 1) return candidates.front();
  if (candidates.empty()) return fail(all.file, "declares no model to ask", "[models.NAME]");
  return fail(all.file, "declares several models: " + names_of(all.models),
              "say which: --model NAME, or model in [extraction]");
}

std::string row_of(const request& wanted, const extraction_template& what) {
  return nlohmann::json{{"id", what.name},
                        {"input", "Fill the form " + what.name + " from documents."},
                        {"template", absolute(wanted.template_path)},
                        {"documents", absolute(wanted.documents_path)}}
             .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

std::string run_name(const request& wanted, const extraction_template& what) {
  auto name = "extract-" + what.name;
  std::replace_if(
      name.begin(), name.end(),
      [](unsigned char c) { return !std::isalnum(c) && c != '-' && c != '_'; }, '-');
  auto hash =
      to_string(hash_parts({absolute(wanted.template_path), absolute(wanted.documents_path)}));
  return name + "-" + hash.substr(0, hash_digits);
}

settings as_experiment(settings all, const std::string& model, const std::string& dataset_path) {
  dataset_settings rows;
  rows.name = "extract";
  rows.path = rows.declared_at = dataset_path;
  rows.fields.id = "id";
  rows.fields.input = "input";
  prompt_settings prompt;
  prompt.name = prompt.library = "baseline";
  experiment_settings experiment;
  experiment.name = std::filesystem::path(dataset_path).stem().string();
  experiment.declared_at = all.file;
  experiment.datasets = {rows.name};
  experiment.models = {model};
  experiment.prompts = {prompt.name};
  experiment.mode = "extraction";
  experiment.watch.on = false;
  std::erase_if(all.datasets, [&](const auto& d) { return d.name == rows.name; });
  std::erase_if(all.prompts, [&](const auto& p) { return p.name == prompt.name; });
  all.datasets.push_back(std::move(rows));
  all.prompts.push_back(std::move(prompt));
  all.experiments = {std::move(experiment)};
  return all;
}

}  // namespace assay::extract
