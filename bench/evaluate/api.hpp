#pragma once

#include "bench/transport/server.hpp"

namespace assay::bench {

/// A chat completions API that adds two numbers; every tenth sum is wrong.
struct api_manner {
  int words = 20;    ///< events with text in a streamed answer
  double qps = 0;    ///< a token bucket, 429 above it; 0: none
  double burst = 1;  ///< of the bucket
};

/// Answers what `experiment_file` asks; streamed if the request says so.
std::function<server_answer(std::string_view body)> simulated_api(api_manner);

/// Share of right answers among the first `samples` questions.
double expected_score(int samples);

}  // namespace assay::bench
