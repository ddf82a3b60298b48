#include "evaluation/extraction/sources.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "evaluation/extraction/documents.hpp"
#include "evaluation/task_identity.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

std::string field_of(const sample& s, std::string_view name) {
  for (const auto& [field, value] : s.fields)
    if (field == name) return value;
  return {};
}

std::string beside(const std::string& file, const std::string& path) {
  if (path.empty()) return path;
  return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

task_key identity_of(const extraction_settings& how, const settings& all) {
  hash_text text;
  for (auto number : {how.passage_chars, how.passage_overlap, how.passages_per_field,
                      how.fields_per_call, how.asks})
    text.add(std::to_string(number));
  if (const auto* model = find_named(all.models, how.embedding_model))
    text.add(model_identity(*model));
  return text.finish();
}

}  // namespace

expected<extraction_sources> sources_of(const sample& s, const dataset_settings& from) {
  extraction_sources sources{beside(from.path, field_of(s, "template")),
                             beside(from.path, field_of(s, "documents"))};
  if (sources.template_path.empty())
    return fail(from.path, "sample " + s.id + " has no field `template`",
                "extraction fills the template whose path stands there");
  if (sources.documents_path.empty() && strip(s.input).empty())
    return fail(from.path, "sample " + s.id + " has neither a field `documents` nor an input",
                "name the folder of its documents, or give a text as its input");
  return sources;
}

sources_identity::sources_identity(const settings& all) : how_(identity_of(all.extraction, all)) {}

task_key sources_identity::of(const sample& s, const dataset_settings& from) {
  auto sources = sources_of(s, from);
  if (!sources) return how_;
  auto [known, added] = known_.try_emplace(*sources);
  if (added) known->second = read(*sources);
  return known->second;
}

task_key sources_identity::read(const extraction_sources& sources) const {
  hash_text text;
  text.add(how_);
  std::ifstream file(sources.template_path, std::ios::binary);
  text.add(std::string(std::istreambuf_iterator<char>(file), {}));
  if (sources.documents_path.empty()) return text.finish();
  auto found = read_documents(sources.documents_path);
  if (!found) return text.finish();
  for (const auto& document : found->documents) {
    text.add(document.name);
    text.add(document.text);
  }
  return text.finish();
}

}  // namespace assay::evaluation
