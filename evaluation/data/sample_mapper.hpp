#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluation/data/choices.hpp"
#include "messages/sample.hpp"
#include "messages/settings.hpp"

namespace assay::evaluation {

/// Turns rows into samples as `settings.fields` says. Where a mapping is empty, a few usual names
/// are tried (the table at the top of the source, and docs/prompts.md).
class sample_mapper {
 public:
  explicit sample_mapper(const dataset_settings&);

  /// True if the row passes the filter.
  bool keeps(const row&);

  /// The sample; `number` is its place in the file, from 1, and its id if it has no other. Problems
  /// go to the list.
  std::optional<sample> map(row&&, std::size_t number, problem_list&);

  /// Problems that only the whole file shows: a mapped field that no row has, a filter that no row
  /// passes. REQUIRES: all rows have been seen.
  void finish(std::size_t rows, std::size_t kept, problem_list&) const;

 private:
  /// Where one part of a sample comes from.
  struct source {
    source(std::string part, const std::string& set, const std::vector<std::string>& usual);

    std::optional<field_value> find(const row&);

    std::string part;  ///< e.g. `input`
    std::vector<field_path> paths;
    bool is_set = false;
    bool seen = false;
  };

  struct filter_rule {
    field_path path;
    std::vector<std::string> values;
    bool seen = false;
  };

  bool read_choices(const row&, option_list&, problem_list&);
  std::optional<field_value> required(source&, const row&, problem_list&);
  std::string text_or(source&, const row&, const std::string& otherwise);
  bool read_targets(const row&, const option_list&, sample&, problem_list&);

  const dataset_settings& settings_;
  source id_, input_, target_, choices_, task_type_, difficulty_;
  std::vector<source> tags_;
  std::vector<field_path> choice_columns_;
  std::vector<filter_rule> filter_;
};

}  // namespace assay::evaluation
