#include "app/plan/tally.hpp"

#include <algorithm>

namespace assay::planning {

namespace {

using namespace storage;

/// Index of `name`, which is added if it is new. A run has few names.
std::uint16_t index_of(std::vector<std::string>& names, const std::string& name) {
  auto found = std::find(names.begin(), names.end(), name);
  auto index = static_cast<std::uint16_t>(found - names.begin());
  if (found == names.end()) names.push_back(name);
  return index;
}

class tally_ledger final : public record_store {
 public:
  explicit tally_ledger(std::shared_ptr<tally> into) : sum_(std::move(into)) {}

  expected<void> commit(const commit_batch& batch, const time_anchor&) override {
    for (const auto& r : batch.records) add(r);
    sum_->verdicts += batch.verdicts.size();
    return {};
  }

 private:
  void add(const record& r) {
    auto& sum = *sum_;
    if (r.asked.is_step()) {
      ++sum.follow_ups;
    } else {
      ++sum.outcomes;
      sum.errors += r.got.status == outcome_status::error;
    }
    if (r.got.attempts.empty()) return;  // its steps were added
    sum.cost += r.got.cost;
    auto model = index_of(sum.models, r.asked.where.model);
    for (const auto& tried : r.got.attempts) add(tried, model);
    if (!r.got.provider.empty())
      ++sum.providers[index_of(sum.provider_names, r.got.provider)].tasks;
  }

  void add(const attempt& tried, std::uint16_t model) {
    auto& sum = *sum_;
    auto provider = index_of(sum.provider_names, tried.provider);
    sum.providers.resize(sum.provider_names.size());
    auto& account = sum.providers[provider];
    auto part = 1.0 / tried.items;
    account.exchanges += part;
    if (tried.error.kind == error_class::rate_limited) account.rate_limited += part;
    account.last_done = std::max(account.last_done, tried.at.done);
    sum.last_done = std::max(sum.last_done, tried.at.done);
    auto input = tried.usage.input.value_or(0), output = tried.usage.output.value_or(0);
    sum.input_tokens += input;
    sum.output_tokens += output;
    if (tried.error.kind != error_class::none) return;
    sum.served.push_back(
        {provider, model, static_cast<float>(seconds(tried.at.done - tried.at.sent)),
         static_cast<std::int32_t>(input), static_cast<std::int32_t>(output), tried.items});
  }

  std::shared_ptr<tally> sum_;
};

}  // namespace

std::unique_ptr<storage::record_store> open_tally(std::shared_ptr<tally> into) {
  return std::make_unique<tally_ledger>(std::move(into));
}

}  // namespace assay::planning
