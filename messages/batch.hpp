#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/task_key.hpp"

namespace assay {

/// How a batch stands that was handed to a provider's own batch endpoint. Numbers are stored.
enum class batch_state : std::uint8_t {
  announced = 0,  ///< about to be handed over; may or may not have arrived
  submitted = 1,  ///< the provider has given its id
  collected = 2,  ///< its results are in the ledger
  lost = 3,       ///< failed or never arrived; its tasks are missing again
};

/// A batch as the ledger knows it.
struct provider_batch {
  std::int64_t id = 0;  ///< in the ledger; 0: not there yet
  std::int64_t run = 0;
  std::string provider;
  std::string batch_id;  ///< the provider's; empty before it is known
  batch_state state = batch_state::announced;
  std::int64_t announced_unix_ns = 0;
  std::int64_t changed_unix_ns = 0;
  std::vector<task_key> tasks;

  bool operator==(const provider_batch&) const = default;
};

}  // namespace assay
