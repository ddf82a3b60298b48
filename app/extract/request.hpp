#pragma once

#include <string>

#include "messages/extraction_template.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"

/// `assay extract`: one template, one folder, one filled form (docs/extraction.md).
namespace assay::extract {

struct request {
  std::string template_path;
  std::string documents_path;
  std::string model;  ///< empty: that of the file
};

/// The model that is asked: the request's, else that of `[extraction]`, else the only one that the
/// file declares besides the embedding model. A problem names those that there are.
expected<std::string> choose_model(const request&, const settings&);

/// The row of the dataset that stands for the request: a line of JSON.
std::string row_of(const request&, const extraction_template&);

/// The settings with nothing to run but the request: an experiment of the mode `extraction` over
/// the dataset at `dataset_path`, which holds `row_of` the request.
settings as_experiment(settings, const std::string& model, const std::string& dataset_path);

/// The name of the request's experiment and of its dataset's file: the template's, and what tells
/// the documents from others.
std::string run_name(const request&, const extraction_template&);

}  // namespace assay::extract
