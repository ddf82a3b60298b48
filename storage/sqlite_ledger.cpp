#include <chrono>
#include <filesystem>
#include <utility>

#include "storage/database_ledger.hpp"
#include "storage/run_lock.hpp"
#include "storage/sqlite_schema.hpp"

namespace assay::storage {

namespace {

/// Held by the lock of a file, which the kernel takes from nobody but the dead: what holds it need
/// not say that it lives.
class file_lease : public lease {
 public:
  file_lease(std::int64_t term, std::unique_ptr<run_lock> lock)
      : term_(term), lock_(std::move(lock)) {}
  std::int64_t term() const override { return term_; }
  expected<void> renew() override { return {}; }

 private:
  std::int64_t term_;
  std::unique_ptr<run_lock> lock_;
};

/// The database's own clock, to the millisecond.
constexpr char now_ns[] =
    "SELECT CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000000";

/// A ledger in a file of its own.
class sqlite_ledger : public database_ledger {
 public:
  explicit sqlite_ledger(const std::shared_ptr<sqlite_connection>& db)
      : database_ledger(db), db_(*db) {}

  expected<std::unique_ptr<run_lock>> lock_run(run_id run) override {
    auto number = std::to_string(run);
    return lock_file(db_.name() + ".run-" + number + ".lock", "run " + number);
  }

  expected<std::unique_ptr<account_lock>> lock_account(const std::string& identity) override {
    return lock_file(db_.name() + ".account-" + identity + ".lock", "the account");
  }

  expected<lead_attempt> lead(milliseconds) override {
    auto tried = try_lock_file(db_.name() + ".lead.lock");
    if (!tried) return tl::make_unexpected(tried.error());
    if (!tried->lock) return lead_attempt{nullptr, std::move(tried->holder)};
    auto term = begin_term(db_, db_.integer(now_ns));
    if (!term) return tl::make_unexpected(term.error());
    return lead_attempt{std::make_unique<file_lease>(*term, std::move(tried->lock)), {}};
  }

 private:
  connection& db_;
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
  auto db = std::make_shared<sqlite_connection>(absolute.string(), busy_timeout);
  if (auto ready = prepare_ledger(*db); !ready) return tl::make_unexpected(ready.error());
  return std::make_unique<sqlite_ledger>(std::move(db));
}

}  // namespace assay::storage
