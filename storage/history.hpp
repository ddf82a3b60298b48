#pragma once

#include <string>
#include <vector>

#include "messages/error_class.hpp"
#include "messages/problem.hpp"

namespace assay::storage {

/// One exchange of earlier runs as forecasts see it.
struct past_exchange {
  std::string provider;
  std::string model;  ///< as declared
  error_class kind = error_class::none;
  double estimated_input_tokens = 0;
  double input_tokens = 0;     ///< 0 if unknown
  double output_tokens = 0;    ///< 0 if unknown
  double first_content_s = 0;  ///< after the request was sent; the whole answer's time if unknown
  double total_s = 0;          ///< sent -> done
};

/// The newest exchanges of the ledger that were sent and ended, at most so many, newest run first.
/// Exchanges that several tasks shared are left out: they are none of a single task.
expected<std::vector<past_exchange>> recent_exchanges(const std::string& ledger_path,
                                                      std::size_t most);

}  // namespace assay::storage
