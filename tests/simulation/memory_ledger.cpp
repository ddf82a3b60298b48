#include "tests/simulation/memory_ledger.hpp"

#include <algorithm>

namespace assay::tests {

namespace {

using namespace storage;

auto unused() { return fail("memory ledger", "not part of a simulation"); }

class memory_ledger final : public ledger {
 public:
  explicit memory_ledger(std::shared_ptr<memory_store> store) : store_(std::move(store)) {}

  expected<void> commit(const commit_batch& batch, const time_anchor&) override {
    auto fails = ++store_->commits == store_->fail_commit;
    if (fails && !store_->fail_after_write) return fail("ledger", "disk full");
    for (const auto& r : batch.records) keep(r);
    for (const auto& v : batch.verdicts) ++store_->verdicts[v.key];
    if (fails) return fail("ledger", "lost the connection");
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

 private:
  void keep(const record& r) {
    auto& tried = store_->attempts[r.got.key];
    tried.insert(tried.end(), r.got.attempts.begin(), r.got.attempts.end());
    auto known = store_->outcomes.find(r.got.key);
    if (known == store_->outcomes.end())
      store_->outcomes.emplace(r.got.key, r.got);
    else if (known->second.status == outcome_status::error)
      known->second = r.got;
    else
      ++store_->answers_replaced;
  }

  std::shared_ptr<memory_store> store_;
};

}  // namespace

std::unique_ptr<storage::ledger> open_memory(std::shared_ptr<memory_store> store) {
  return std::make_unique<memory_ledger>(std::move(store));
}

std::vector<std::uint32_t> missing_in(const memory_store& store) {
  std::vector<std::uint32_t> missing;
  for (const auto& [key, position] : store.position) {
    auto found = store.outcomes.find(key);
    if (found == store.outcomes.end() || found->second.status == outcome_status::error)
      missing.push_back(position);
  }
  std::sort(missing.begin(), missing.end());
  return missing;
}

}  // namespace assay::tests
