#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "evaluation/extraction/corpus.hpp"
#include "evaluation/extraction/ranking.hpp"
#include "messages/extraction_template.hpp"

namespace assay::evaluation {

/// What is searched for: the field's name in words, its description, and what it may be.
std::string query_of(const template_field&);

/// Finds the passages that belong to the fields of a template, by their words and, where there are
/// vectors, by what they mean. REQUIRES: the corpus lives as long.
class field_search {
 public:
  field_search(const extraction_template&, const corpus&);

  /// Vectors of every field's query and of every passage, in their order.
  void add_vectors(const std::vector<std::vector<float>>& queries,
                   const std::vector<std::vector<float>>& passages);

  /// All passages for one field, best first; those that nothing speaks for come last, as they stand
  /// in the documents.
  std::vector<std::size_t> ranking(std::size_t field) const;

  /// What a call about these fields shows: the best `per_field` of each, each passage once, those
  /// first that are good for the most fields.
  std::vector<std::size_t> passages_for(const std::vector<std::size_t>& fields,
                                        std::size_t per_field) const;

 private:
  const corpus& from_;
  std::vector<std::vector<std::vector<std::size_t>>> rankings_;  ///< of each field
};

}  // namespace assay::evaluation
