#pragma once

#include "storage/ledger.hpp"
#include "storage/writer.hpp"

namespace assay::storage {

/// What the ledgers of all databases do the same way: each call is passed on to the file that knows
/// how. Locks and the lease are left to each of them.
class database_ledger : public ledger {
 public:
  /// REQUIRES: a ledger of the newest schema.
  explicit database_ledger(std::shared_ptr<connection> db)
      : held_(std::move(db)), db_(*held_), writer_(db_) {}

  connection& database() { return db_; }

  bool unreachable() const override { return db_.lost(); }
  void obey(std::int64_t term) override { db_.obey(term); }

  expected<run_info> open_run(const run_info& wanted) override;
  expected<void> end_run(run_id, run_state, std::int64_t unix_ns,
                         const std::string& summary_json) override;
  expected<std::vector<run_info>> runs() override;
  expected<run_info> find_run(const std::string& name) override;
  expected<void> put_tasks(run_id, std::size_t count,
                           const std::function<task(std::size_t)>& make) override;
  expected<std::vector<std::size_t>> missing(run_id) override;
  expected<std::vector<std::size_t>> missing_of(const std::vector<task_key>& keys) override;
  expected<std::size_t> take_cached(run_id, const cache_settings&, std::int64_t now_unix_ns,
                                    bool also_combined) override;
  expected<void> save_limits(run_id, const account_limits&) override;
  expected<std::vector<account_limits>> limits_of(run_id) override;
  expected<std::optional<account_limits>> newest_limits(const std::string& account) override;
  expected<std::int64_t> announce_batch(const provider_batch&) override;
  expected<void> change_batch(std::int64_t id, batch_state, const std::string& batch_id,
                              std::int64_t unix_ns) override;
  expected<std::vector<provider_batch>> open_batches(run_id) override;
  expected<std::string> secret(const std::string& purpose) override;
  expected<void> commit(const commit_batch&, const time_anchor&) override;
  expected<void> unjudged(run_id, const std::string& judge,
                          const std::function<std::string(const sample&)>& version,
                          const std::function<void(record)>& visit) override;
  expected<void> score_rows(run_id, const std::vector<std::string>& judges,
                            const std::function<void(score_row)>& visit) override;
  expected<void> attempt_rows(run_id,
                              const std::function<void(const attempt_row&)>& visit) override;
  expected<void> sample_fields(
      run_id,
      const std::function<void(const task_key&,
                               const std::vector<std::pair<std::string, std::string>>&)>& visit)
      override;
  expected<void> rows(run_id, const std::function<void(ledger_row)>& visit) override;
  expected<std::vector<ledger_row>> find_rows(run_id, const std::string& what) override;
  expected<void> unanswered(run_id, const std::function<void(const task_key&)>& visit) override;
  expected<void> steps_of(const task_key& parent,
                          const std::function<void(ledger_row)>& visit) override;
  expected<std::vector<past_exchange>> recent_exchanges(std::size_t most) override;
  expected<std::vector<past_sample>> recent_samples(std::size_t most) override;
  expected<void> verdicts_of(run_id, const std::string& judge,
                             const std::function<void(const verdict&)>& visit) override;
  expected<std::vector<std::string>> judges_of(run_id) override;

 private:
  std::shared_ptr<connection> held_;
  connection& db_;
  writer writer_;
};

/// Begins a new term of the coordinator's lease and gives it.
expected<std::int64_t> begin_term(connection&, std::int64_t now_unix_ns);

}  // namespace assay::storage
