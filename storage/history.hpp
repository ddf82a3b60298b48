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

/// A finished sample of earlier runs that took several calls.
struct past_sample {
  std::string dataset;
  std::string model;  ///< as declared
  std::string mode;
  int calls = 0;  ///< to that model
};

/// The newest of them that were answered, at most so many. What judges asked does not count.
expected<std::vector<past_sample>> recent_samples(const std::string& ledger_path, std::size_t most);

}  // namespace assay::storage
