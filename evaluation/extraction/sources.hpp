#pragma once

#include <map>
#include <string>
#include <utility>

#include "messages/problem.hpp"
#include "messages/sample.hpp"
#include "messages/settings.hpp"
#include "messages/task_key.hpp"

namespace assay::evaluation {

/// What a sample of the mode `extraction` says it is about, as paths that can be opened.
struct extraction_sources {
  std::string template_path;   ///< field `template`, relative to the dataset's file
  std::string documents_path;  ///< field `documents`; empty: the sample's input is the document

  auto operator<=>(const extraction_sources&) const = default;
};

/// A problem if the sample names no template, or has neither documents nor an input.
expected<extraction_sources> sources_of(const sample&, const dataset_settings&);

/// Hashes what a sample's template and documents hold, and how they are searched: all that decides
/// over the questions and is not in the sample. What cannot be read counts as empty. Remembers what
/// was read.
class sources_identity {
 public:
  explicit sources_identity(const settings&);

  task_key of(const sample&, const dataset_settings&);

 private:
  task_key read(const extraction_sources&) const;

  task_key how_;
  std::map<extraction_sources, task_key> known_;
};

}  // namespace assay::evaluation
