#include "evaluation/extraction/extraction.hpp"

#include <iterator>
#include <map>

#include "evaluation/dataset.hpp"
#include "evaluation/extraction/sources.hpp"

namespace assay::evaluation {

namespace {

using job_ptr = std::shared_ptr<const extraction_job>;

/// Everything that the samples of an experiment name.
class library {
 public:
  library(const extraction_settings& how, const template_reader& read) : how_(how), read_(read) {}

  /// Reads what the sample names, unless it was read before.
  void take(const sample& s, const dataset_settings& from) {
    auto sources = sources_of(s, from);
    if (!sources) return problems_.push_back(std::move(sources.error()));
    const auto* what = template_at(sources->template_path);
    if (!what || sources->documents_path.empty() || jobs_.contains(*sources)) return;
    auto found = read_documents(sources->documents_path);
    if (!found) return problems_.push_back(std::move(found.error()));
    if (auto job = extraction_job::make(*what, std::move(*found), how_))
      jobs_.emplace(*sources, std::make_shared<const extraction_job>(std::move(*job)));
  }

  std::vector<problem>& problems() { return problems_; }
  const std::string& embedding_model() const { return how_.embedding_model; }

  /// REQUIRES: taken without a problem.
  job_ptr job_of(const sample& s, const dataset_settings& from) const {
    auto sources = *sources_of(s, from);
    if (auto found = jobs_.find(sources); found != jobs_.end()) return found->second;
    document_set input{{{s.id, s.input}}, {}};
    return std::make_shared<const extraction_job>(
        *extraction_job::make(*templates_.at(sources.template_path), std::move(input), how_));
  }

 private:
  const extraction_template* template_at(const std::string& path) {
    auto [known, added] = templates_.try_emplace(path);
    if (added) {
      auto read = read_(path);
      auto checked = read ? extraction_job::make(*read, {}, how_)
                          : tl::make_unexpected(std::move(read.error()));
      if (checked)
        known->second = std::move(checked->what);
      else
        std::move(checked.error().begin(), checked.error().end(), std::back_inserter(problems_));
    }
    return known->second ? &*known->second : nullptr;
  }

  const extraction_settings how_;
  template_reader read_;
  std::map<std::string, std::optional<extraction_template>> templates_;
  std::map<extraction_sources, job_ptr> jobs_;
  std::vector<problem> problems_;
};

std::string instructions_of(const chat_request& rendered) {
  for (const auto& message : rendered.messages)
    if (message.who == role::system) return message.content;
  return {};
}

class extraction_maker : public procedure_maker {
 public:
  extraction_maker(library read, std::vector<dataset_settings> datasets)
      : read_(std::move(read)), datasets_(std::move(datasets)) {}

  std::vector<std::string> models() const override {
    const auto& name = read_.embedding_model();
    return name.empty() ? std::vector<std::string>{} : std::vector{name};
  }

  procedure_ptr make(const record& r) const override {
    const auto& from = *find_named(datasets_, r.asked.where.dataset);
    return fill(read_.job_of(r.asked.item, from), r.asked.where.model,
                instructions_of(r.asked.request));
  }

 private:
  library read_;
  std::vector<dataset_settings> datasets_;
};

}  // namespace

checked<extraction_job> extraction_job::make(extraction_template what, document_set documents,
                                             const extraction_settings& how) {
  std::vector<field_check> checks;
  std::vector<problem> problems;
  for (const auto& field : what.fields) {
    auto check = field_check::make(field);
    if (check)
      checks.push_back(std::move(*check));
    else
      problems.push_back(std::move(check.error()));
  }
  if (!problems.empty()) return tl::make_unexpected(std::move(problems));
  return extraction_job{std::move(what), std::move(checks), corpus::make(std::move(documents), how),
                        how};
}

checked<procedure_maker_ptr> make_extraction(const settings& all,
                                             const experiment_settings& experiment,
                                             const template_reader& read) {
  library known(all.extraction, read);
  for (const auto& name : experiment.datasets) {
    const auto& from = *find_named(all.datasets, name);
    auto samples = load_dataset(from);
    if (!samples) return tl::make_unexpected(std::move(samples.error()));
    for (const auto& s : *samples) known.take(s, from);
  }
  if (!known.problems().empty()) return tl::make_unexpected(std::move(known.problems()));
  return std::make_shared<const extraction_maker>(std::move(known), all.datasets);
}

}  // namespace assay::evaluation
