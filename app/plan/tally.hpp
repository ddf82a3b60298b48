#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/ledger.hpp"

namespace assay::planning {

/// One simulated exchange that brought an answer, as one of its tasks sees it.
struct served_exchange {
  std::uint16_t provider = 0;  ///< index into `tally::providers`
  std::uint16_t model = 0;     ///< index into `tally::models`
  float service_s = 0;
  std::int32_t input_tokens = 0;
  std::int32_t output_tokens = 0;
  std::uint32_t items = 1;  ///< tasks that shared it; the tokens are the part of one of them
};

/// Figures of one provider in a simulated run.
struct provider_tally {
  std::size_t tasks = 0;
  double exchanges = 0;  ///< a task's part of an exchange that several shared is 1 / items
  double rate_limited = 0;
  instant last_done{};
};

/// What a simulated run came to, in figures only.
struct tally {
  std::vector<std::string> models;
  std::vector<std::string> provider_names;
  std::vector<provider_tally> providers;
  std::vector<served_exchange> served;
  std::size_t outcomes = 0;
  std::size_t errors = 0;
  std::size_t verdicts = 0;    ///< of judges that ask models
  std::size_t follow_ups = 0;  ///< calls that came to an outcome
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  usd cost;
  instant last_done{};
};

/// A ledger that keeps sums instead of records: what the recorder of a simulated run writes to.
std::unique_ptr<storage::record_store> open_tally(std::shared_ptr<tally>);

}  // namespace assay::planning
