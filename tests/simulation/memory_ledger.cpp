#include "tests/simulation/memory_ledger.hpp"

#include <algorithm>

namespace assay::tests {

namespace {

using namespace storage;

class memory_ledger final : public record_store {
 public:
  explicit memory_ledger(std::shared_ptr<memory_store> store) : store_(std::move(store)) {}

  expected<void> commit(const commit_batch& batch, const time_anchor&) override {
    auto fails = ++store_->commits == store_->fail_commit;
    if (fails && !store_->fail_after_write) return fail("ledger", "disk full");
    for (const auto& r : batch.records) keep(r);
    for (const auto& v : batch.verdicts) {
      ++(v.judge == "asking" ? store_->graded : store_->verdicts)[v.key];
      if (v.judge != "asking" && v.scored) store_->scores[v.key] = v.score;
    }
    if (fails) return fail("ledger", "lost the connection");
    return {};
  }

  expected<std::int64_t> announce_batch(const provider_batch& batch) override {
    auto fails = ++store_->notes == store_->fail_note;
    if (fails && !store_->fail_after_write) return fail("ledger", "disk full");
    auto& kept = store_->batches.emplace_back(batch);
    kept.id = static_cast<std::int64_t>(store_->batches.size());
    if (fails) return fail("ledger", "lost the connection");
    return kept.id;
  }

  expected<void> change_batch(std::int64_t id, batch_state state, const std::string& batch_id,
                              std::int64_t unix_ns) override {
    auto fails = ++store_->notes == store_->fail_note;
    if (fails && !store_->fail_after_write) return fail("ledger", "disk full");
    auto& kept = store_->batches.at(static_cast<std::size_t>(id - 1));
    kept.state = state;
    kept.changed_unix_ns = unix_ns;
    if (!batch_id.empty()) kept.batch_id = batch_id;
    if (fails) return fail("ledger", "lost the connection");
    return {};
  }

 private:
  void keep_step(const record& r) {
    store_->parents[r.got.key] = r.asked.parent;
    auto [known, is_new] = store_->steps.try_emplace(r.got.key, r.got);
    if (is_new) return;
    if (known->second.status == outcome_status::error)
      known->second = r.got;
    else
      ++store_->steps_repeated;
  }

  void keep(const record& r) {
    auto& tried = store_->attempts[r.got.key];
    tried.insert(tried.end(), r.got.attempts.begin(), r.got.attempts.end());
    if (r.asked.is_step()) return keep_step(r);
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

std::unique_ptr<storage::record_store> open_memory(std::shared_ptr<memory_store> store) {
  return std::make_unique<memory_ledger>(std::move(store));
}

namespace {

bool is_missing(const memory_store& store, const task_key& key) {
  auto found = store.outcomes.find(key);
  return found == store.outcomes.end() || found->second.status == outcome_status::error;
}

}  // namespace

std::vector<std::pair<provider_batch, std::vector<task_key>>> open_batches(
    const memory_store& store) {
  std::vector<std::pair<provider_batch, std::vector<task_key>>> open;
  for (const auto& b : store.batches) {
    if (b.state >= batch_state::collected) continue;
    std::vector<task_key> missing;
    for (const auto& key : b.tasks)
      if (is_missing(store, key)) missing.push_back(key);
    open.emplace_back(b, std::move(missing));
  }
  return open;
}

std::vector<std::uint32_t> missing_in(const memory_store& store) {
  std::vector<std::uint32_t> missing;
  for (const auto& [key, position] : store.position)
    if (is_missing(store, key)) missing.push_back(position);
  std::sort(missing.begin(), missing.end());
  return missing;
}

}  // namespace assay::tests
