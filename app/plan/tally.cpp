#include "app/plan/tally.hpp"

#include <algorithm>

namespace assay::planning {

namespace {

using namespace storage;

auto unused() { return fail("forecast", "not part of a simulated run"); }

/// Index of `name`, which is added if it is new. A run has few names.
std::uint16_t index_of(std::vector<std::string>& names, const std::string& name) {
  auto found = std::find(names.begin(), names.end(), name);
  auto index = static_cast<std::uint16_t>(found - names.begin());
  if (found == names.end()) names.push_back(name);
  return index;
}

class tally_ledger final : public ledger {
 public:
  explicit tally_ledger(std::shared_ptr<tally> into) : sum_(std::move(into)) {}

  expected<void> commit(const commit_batch& batch, const time_anchor&) override {
    for (const auto& r : batch.records) add(r);
    return {};
  }

  expected<run_info> open_run(const run_info&) override { return unused(); }
  expected<std::unique_ptr<run_lock>> lock_run(run_id) override { return unused(); }
  expected<void> end_run(run_id, run_state, std::int64_t, const std::string&) override {
    return unused();
  }
  expected<std::vector<run_info>> runs() override { return unused(); }
  expected<run_info> find_run(const std::string&) override { return unused(); }
  expected<void> put_tasks(run_id, std::size_t, const std::function<task(std::size_t)>&) override {
    return unused();
  }
  expected<std::vector<std::size_t>> missing(run_id) override { return unused(); }
  expected<std::vector<std::size_t>> missing_of(const std::vector<task_key>&) override {
    return unused();
  }
  expected<void> unjudged(run_id, const std::string&,
                          const std::function<std::string(const sample&)>&,
                          const std::function<void(record)>&) override {
    return unused();
  }
  expected<void> score_rows(run_id, const std::vector<std::string>&,
                            const std::function<void(score_row)>&) override {
    return unused();
  }
  expected<void> attempt_rows(run_id, const std::function<void(const attempt_row&)>&) override {
    return unused();
  }
  expected<void> rows(run_id, const std::function<void(ledger_row)>&) override { return unused(); }
  expected<std::vector<ledger_row>> find_rows(run_id, const std::string&) override {
    return unused();
  }
  expected<std::vector<std::string>> judges_of(run_id) override { return unused(); }
  expected<std::size_t> take_cached(run_id, const cache_settings&, std::int64_t, bool) override {
    return unused();
  }
  expected<std::unique_ptr<account_lock>> lock_account(const std::string&) override {
    return unused();
  }
  expected<void> save_account(const std::string&, const account_state&) override {
    return unused();
  }
  expected<std::optional<account_state>> load_account(const std::string&) override {
    return unused();
  }
  expected<std::int64_t> announce_batch(const provider_batch&) override { return unused(); }
  expected<void> change_batch(std::int64_t, batch_state, const std::string&,
                              std::int64_t) override {
    return unused();
  }
  expected<std::vector<provider_batch>> open_batches(run_id) override { return unused(); }

 private:
  void add(const record& r) {
    auto& sum = *sum_;
    ++sum.outcomes;
    sum.errors += r.got.status == outcome_status::error;
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
    ++account.exchanges;
    account.rate_limited += tried.error.kind == error_class::rate_limited;
    account.last_done = std::max(account.last_done, tried.at.done);
    sum.last_done = std::max(sum.last_done, tried.at.done);
    auto input = tried.usage.input.value_or(0), output = tried.usage.output.value_or(0);
    sum.input_tokens += input;
    sum.output_tokens += output;
    if (tried.error.kind != error_class::none) return;
    sum.served.push_back({provider, model,
                          static_cast<float>(seconds(tried.at.done - tried.at.sent)),
                          static_cast<std::int32_t>(input), static_cast<std::int32_t>(output)});
  }

  std::shared_ptr<tally> sum_;
};

}  // namespace

std::unique_ptr<storage::ledger> open_tally(std::shared_ptr<tally> into) {
  return std::make_unique<tally_ledger>(std::move(into));
}

}  // namespace assay::planning
