#pragma once

#include <string>
#include <vector>

#include "actors/worker.hpp"
#include "providers/transport/http_engine.hpp"

namespace assay::probing {

/// The smallest request that the model takes.
chat_request small_request(const model_settings&);

/// Sends real requests to one account, several at the same moment.
class caller {
 public:
  caller(actors::account_access, model_settings);

  /// Sends `count` requests and waits until all are over.
  std::vector<exchange_result> send(int count);

 private:
  actors::account_access access_;
  model_settings model_;
  transport::http_engine engine_;
};

}  // namespace assay::probing
