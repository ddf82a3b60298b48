#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/supervisor.hpp"

namespace assay::bench {

/// So many tasks of one account, each with a prompt of `bytes` bytes, answered after `answer_s`.
struct load {
  std::size_t tasks = 100'000;
  std::size_t bytes = 400;
  std::uint32_t in_flight = 2'000;
  double answer_s = 0.02;
  double per_second = 0;  ///< limit of the account; 0: none
};

/// Figures instead of records.
struct outcomes {
  std::mutex lock;
  std::size_t answered = 0;
  std::size_t others = 0;
  std::vector<float> send_lag_ms;  ///< permit -> the request is sent
  instant last_done{};
};

/// The tree of one run of the load, without providers' transport and nodes.
actors::supervisor_config tree_of(const load&, const std::shared_ptr<outcomes>&);

actors::account_access_ptr account_of(const load&);

/// Spawns what stands in for the HTTP engine: exchanges are figures, nothing is written or parsed.
transport_actor spawn_api(caf::local_actor& parent, double answer_s);

}  // namespace assay::bench
