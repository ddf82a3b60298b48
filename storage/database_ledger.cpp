#include "storage/database_ledger.hpp"

#include "storage/accounts.hpp"
#include "storage/cache.hpp"
#include "storage/figures.hpp"
#include "storage/history.hpp"
#include "storage/rows.hpp"
#include "storage/run_lock.hpp"
#include "storage/runs.hpp"
#include "storage/secret.hpp"

namespace assay::storage {

std::string_view to_string(run_state state) {
  static constexpr std::string_view names[] = {"running", "finished", "interrupted", "pruned"};
  return names[static_cast<std::size_t>(state)];
}

expected<std::int64_t> begin_term(connection& db, std::int64_t now_unix_ns) {
  transaction change(db);
  auto term = db.integer("SELECT term FROM leases WHERE name = 'coordinator'") + 1;
  statement(db,
            "INSERT INTO leases (name, term, holder, renewed_ns) VALUES ('coordinator', ?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET term = excluded.term, holder = excluded.holder, "
            "renewed_ns = excluded.renewed_ns")
      .run(term, own_process(), now_unix_ns);
  if (auto done = change.commit(); !done) return tl::make_unexpected(done.error());
  return term;
}

expected<run_info> database_ledger::open_run(const run_info& wanted) {
  return open_run_row(db_, wanted);
}

expected<void> database_ledger::end_run(run_id run, run_state state, std::int64_t unix_ns,
                                        const std::string& summary_json) {
  return end_run_row(db_, run, state, unix_ns, summary_json);
}

expected<std::vector<run_info>> database_ledger::runs() { return all_runs(db_); }

expected<run_info> database_ledger::find_run(const std::string& name) {
  return run_named(db_, name);
}

expected<void> database_ledger::put_tasks(run_id run, std::size_t count,
                                          const std::function<task(std::size_t)>& make) {
  return writer_.put_tasks(run, count, make);
}

expected<std::vector<std::size_t>> database_ledger::missing(run_id run) {
  return missing_positions(db_, run);
}

expected<std::vector<std::size_t>> database_ledger::missing_of(const std::vector<task_key>& keys) {
  return missing_keys(db_, keys);
}

expected<std::size_t> database_ledger::take_cached(run_id run, const cache_settings& wanted,
                                                   std::int64_t now_unix_ns, bool also_combined) {
  return copy_answers(db_, run, {wanted, now_unix_ns, also_combined});
}

expected<void> database_ledger::save_limits(run_id run, const account_limits& found) {
  return save_limits_row(db_, run, found);
}

expected<std::vector<account_limits>> database_ledger::limits_of(run_id run) {
  return limits_rows(db_, run);
}

expected<std::optional<account_limits>> database_ledger::newest_limits(const std::string& account) {
  return newest_limits_row(db_, account);
}

expected<std::int64_t> database_ledger::announce_batch(const provider_batch& batch) {
  return add_batch_row(db_, batch);
}

expected<void> database_ledger::change_batch(std::int64_t id, batch_state state,
                                             const std::string& batch_id, std::int64_t unix_ns) {
  return change_batch_row(db_, id, state, batch_id, unix_ns);
}

expected<std::vector<provider_batch>> database_ledger::open_batches(run_id run) {
  return open_batch_rows(db_, run);
}

expected<std::string> database_ledger::secret(const std::string& purpose) {
  return secret_row(db_, purpose);
}

expected<void> database_ledger::commit(const commit_batch& batch, const time_anchor& anchor) {
  return writer_.commit(batch, anchor);
}

expected<void> database_ledger::unjudged(run_id run, const std::string& judge,
                                         const std::function<std::string(const sample&)>& version,
                                         const std::function<void(record)>& visit) {
  return visit_unjudged(db_, run, judge, version, visit);
}

expected<void> database_ledger::score_rows(run_id run, const std::vector<std::string>& judges,
                                           const std::function<void(score_row)>& visit) {
  return visit_scores(db_, run, judges, visit);
}

expected<void> database_ledger::attempt_rows(run_id run,
                                             const std::function<void(const attempt_row&)>& visit) {
  return visit_attempts(db_, run, visit);
}

expected<void> database_ledger::sample_fields(
    run_id run,
    const std::function<void(const task_key&,
                             const std::vector<std::pair<std::string, std::string>>&)>& visit) {
  return visit_sample_fields(db_, run, visit);
}

expected<void> database_ledger::rows(run_id run, const std::function<void(ledger_row)>& visit) {
  return visit_rows(db_, run, visit);
}

expected<std::vector<ledger_row>> database_ledger::find_rows(run_id run, const std::string& what) {
  return rows_like(db_, run, what);
}

expected<void> database_ledger::unanswered(run_id run,
                                           const std::function<void(const task_key&)>& visit) {
  return visit_unanswered(db_, run, visit);
}

expected<void> database_ledger::steps_of(const task_key& parent,
                                         const std::function<void(ledger_row)>& visit) {
  return visit_steps(db_, parent, visit);
}

expected<void> database_ledger::verdicts_of(run_id run, const std::string& judge,
                                            const std::function<void(const verdict&)>& visit) {
  return visit_verdicts(db_, run, judge, visit);
}

expected<std::vector<std::string>> database_ledger::judges_of(run_id run) {
  return judge_names(db_, run);
}

expected<std::vector<past_exchange>> database_ledger::recent_exchanges(std::size_t most) {
  return newest_exchanges(db_, most);
}

expected<std::vector<past_sample>> database_ledger::recent_samples(std::size_t most) {
  return newest_samples(db_, most);
}

}  // namespace assay::storage
