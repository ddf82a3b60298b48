#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "evaluation/extraction/corpus.hpp"
#include "evaluation/extraction/field_check.hpp"
#include "evaluation/procedure.hpp"
#include "messages/extraction_template.hpp"
#include "messages/settings.hpp"

/// The mode `extraction`: templates filled from documents (docs/extraction.md).
namespace assay::evaluation {

/// Everything that is known before the first call. Immutable.
struct extraction_job {
  extraction_template what;
  std::vector<field_check> checks;  ///< of each field
  corpus from;
  extraction_settings how;

  /// Problems: patterns that do not compile.
  static checked<extraction_job> make(extraction_template, document_set,
                                      const extraction_settings&);
};

/// Fills one template: vectors (if an embedding model is set), then all fields at the same time in
/// as few calls as `fields_per_call` allows, then what is missing or invalid once more in smaller
/// calls. The outcome's text is the result as JSON; its status is an error if a call for fields
/// failed. Without vectors, since a call for them failed, words are ranked alone.
/// `instructions` come before ours in the system message.
procedure_ptr fill(std::shared_ptr<const extraction_job>, std::string model,
                   std::string instructions);

/// Reads the template at a path; given by whoever knows the files' form.
using template_reader = std::function<checked<extraction_template>(const std::string& path)>;

/// The maker of the mode's procedures. Reads every template and folder that the experiment's
/// datasets name; all their problems come in one go.
checked<procedure_maker_ptr> make_extraction(const settings&, const experiment_settings&,
                                             const template_reader&);

}  // namespace assay::evaluation
