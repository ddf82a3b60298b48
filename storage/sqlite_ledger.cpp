#include <filesystem>
#include <utility>

#include "storage/ledger.hpp"
#include "storage/run_lock.hpp"
#include "storage/sqlite_accounts.hpp"
#include "storage/sqlite_cache.hpp"
#include "storage/sqlite_figures.hpp"
#include "storage/sqlite_rows.hpp"
#include "storage/sqlite_runs.hpp"
#include "storage/sqlite_schema.hpp"
#include "storage/sqlite_writer.hpp"

namespace assay::storage {

std::string_view to_string(run_state state) {
  static constexpr std::string_view names[] = {"running", "finished", "interrupted"};
  return names[static_cast<std::size_t>(state)];
}

namespace {

/// One connection; each call is passed on to the file that knows how.
class sqlite_ledger : public ledger {
 public:
  sqlite_ledger(std::string path, milliseconds busy_timeout)
      : db_(std::move(path), busy_timeout), writer_(db_) {}

  expected<void> prepare() { return prepare_ledger(db_); }

  expected<run_info> open_run(const run_info& wanted) override { return open_run_row(db_, wanted); }

  expected<std::unique_ptr<run_lock>> lock_run(run_id run) override {
    auto number = std::to_string(run);
    return lock_file(db_.path() + ".run-" + number + ".lock", "run " + number);
  }

  expected<void> end_run(run_id run, run_state state, std::int64_t unix_ns,
                         const std::string& summary_json) override {
    return end_run_row(db_, run, state, unix_ns, summary_json);
  }

  expected<std::vector<run_info>> runs() override { return all_runs(db_); }

  expected<run_info> find_run(const std::string& name) override { return run_named(db_, name); }

  expected<void> put_tasks(run_id run, std::size_t count,
                           const std::function<task(std::size_t)>& make) override {
    return writer_.put_tasks(run, count, make);
  }

  expected<std::vector<std::size_t>> missing(run_id run) override {
    return missing_positions(db_, run);
  }

  expected<std::vector<std::size_t>> missing_of(const std::vector<task_key>& keys) override {
    return missing_keys(db_, keys);
  }

  expected<std::size_t> take_cached(run_id run, const cache_settings& wanted,
                                    std::int64_t now_unix_ns, bool also_combined) override {
    return copy_answers(db_, run, {wanted, now_unix_ns, also_combined});
  }

  expected<std::unique_ptr<account_lock>> lock_account(const std::string& identity) override {
    return lock_file(db_.path() + ".account-" + identity + ".lock", "the account");
  }

  expected<void> save_limits(run_id run, const account_limits& found) override {
    return save_limits_row(db_, run, found);
  }

  expected<std::vector<account_limits>> limits_of(run_id run) override {
    return limits_rows(db_, run);
  }

  expected<std::optional<account_limits>> newest_limits(const std::string& account) override {
    return newest_limits_row(db_, account);
  }

  expected<std::int64_t> announce_batch(const provider_batch& batch) override {
    return add_batch_row(db_, batch);
  }

  expected<void> change_batch(std::int64_t id, batch_state state, const std::string& batch_id,
                              std::int64_t unix_ns) override {
    return change_batch_row(db_, id, state, batch_id, unix_ns);
  }

  expected<std::vector<provider_batch>> open_batches(run_id run) override {
    return open_batch_rows(db_, run);
  }

  expected<void> commit(const commit_batch& batch, const time_anchor& anchor) override {
    return writer_.commit(batch, anchor);
  }

  expected<void> unjudged(run_id run, const std::string& judge,
                          const std::function<std::string(const sample&)>& version,
                          const std::function<void(record)>& visit) override {
    return visit_unjudged(db_, run, judge, version, visit);
  }

  expected<void> score_rows(run_id run, const std::vector<std::string>& judges,
                            const std::function<void(score_row)>& visit) override {
    return visit_scores(db_, run, judges, visit);
  }

  expected<void> attempt_rows(run_id run,
                              const std::function<void(const attempt_row&)>& visit) override {
    return visit_attempts(db_, run, visit);
  }

  expected<void> sample_fields(
      run_id run,
      const std::function<void(const task_key&,
                               const std::vector<std::pair<std::string, std::string>>&)>& visit)
      override {
    return visit_sample_fields(db_, run, visit);
  }

  expected<void> rows(run_id run, const std::function<void(ledger_row)>& visit) override {
    return visit_rows(db_, run, visit);
  }

  expected<std::vector<ledger_row>> find_rows(run_id run, const std::string& what) override {
    return rows_like(db_, run, what);
  }

  expected<void> unanswered(run_id run,
                            const std::function<void(const task_key&)>& visit) override {
    return visit_unanswered(db_, run, visit);
  }

  expected<void> steps_of(const task_key& parent,
                          const std::function<void(ledger_row)>& visit) override {
    return visit_steps(db_, parent, visit);
  }

  expected<void> verdicts_of(run_id run, const std::string& judge,
                             const std::function<void(const verdict&)>& visit) override {
    return visit_verdicts(db_, run, judge, visit);
  }

  expected<std::vector<std::string>> judges_of(run_id run) override {
    return judge_names(db_, run);
  }

 private:
  connection db_;
  sqlite_writer writer_;
};

expected<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail(folder.string(), "the folder of the ledger cannot be made: " + error.message(),
                "make it, or name another path");
  return {};
}

}  // namespace

expected<std::unique_ptr<ledger>> open_sqlite(const std::string& path, milliseconds busy_timeout) {
  std::error_code error;
  auto absolute = std::filesystem::absolute(path, error);
  if (path.empty() || error)
    return fail(path, "this is not a path of a ledger", "name a file, e.g. `assay.db`");
  if (std::filesystem::is_directory(absolute, error))
    return fail(path, "this is a folder, not a ledger", "name a file in it");
  if (auto made = make_folder(absolute.parent_path()); !made)
    return tl::make_unexpected(made.error());
  auto opened = std::make_unique<sqlite_ledger>(absolute.string(), busy_timeout);
  if (auto ready = opened->prepare(); !ready) return tl::make_unexpected(ready.error());
  return opened;
}

}  // namespace assay::storage
