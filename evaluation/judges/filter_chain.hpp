#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evaluation/text/regex.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::evaluation {

/// What a chain of filters made of an answer.
struct filtered {
  search_status status = search_status::found;
  std::string text;
  std::string note;  ///< if not found: which filter ended it
};

/// The steps from an answer to what is compared, in order. A filter that finds nothing ends the
/// chain.
class filter_chain {
 public:
  /// Problems: an unknown filter type, a missing pattern, an option that the type does not have, a
  /// pattern that does not compile.
  static expected<filter_chain> make(const std::vector<filter_settings>&, const std::string& where);

  /// REQUIRES: well-formed UTF-8.
  filtered apply(std::string text) const;

  bool empty() const { return steps_.empty(); }

 private:
  struct step {
    filter_settings settings;
    search_status (*run)(const step&, std::string& text) = nullptr;
    regex pattern;
  };

  friend struct filter_steps;
  std::vector<step> steps_;
};

/// Names of all filter types, sorted.
std::vector<std::string_view> filter_types();

}  // namespace assay::evaluation
