#include <filesystem>

#include "storage/database_ledger.hpp"
#include "storage/postgres_lease.hpp"
#include "storage/postgres_schema.hpp"

namespace assay::storage {

namespace {

/// A lock of the session, which the server frees when the connection ends.
class session_lock : public run_lock {
 public:
  session_lock(std::shared_ptr<postgres_connection> db, std::string what)
      : db_(std::move(db)), what_(std::move(what)) {}
  ~session_lock() override { db_->unlock(what_); }

 private:
  std::shared_ptr<postgres_connection> db_;
  std::string what_;
};

/// A ledger in a schema of a server's database.
class postgres_ledger : public database_ledger {
 public:
  explicit postgres_ledger(std::shared_ptr<postgres_connection> db)
      : database_ledger(db), db_(std::move(db)) {}

  expected<std::unique_ptr<run_lock>> lock_run(run_id run) override {
    auto what = "run " + std::to_string(run);
    return lock(what, what);
  }

  expected<std::unique_ptr<account_lock>> lock_account(const std::string& identity) override {
    return lock("account " + identity, "the account");
  }

  expected<lead_attempt> lead(milliseconds patience) override {
    return begin_to_lead(db_->address(), db_->busy_timeout(), patience);
  }

 private:
  expected<std::unique_ptr<run_lock>> lock(const std::string& what, const std::string& called) {
    if (db_->lock(what)) return std::make_unique<session_lock>(db_, what);
    auto holder = db_->failed() ? std::string{} : db_->holder_of(what);
    if (auto asked = db_->result(); !asked) return tl::make_unexpected(asked.error());
    return fail(db_->name(), called + " is held by " + holder,
                "wait until it ends, or stop it first");
  }

  std::shared_ptr<postgres_connection> db_;
};

}  // namespace

expected<std::unique_ptr<ledger>> open_postgres(const std::string& url, milliseconds busy_timeout) {
  auto address = read_address(url);
  if (!address) return tl::make_unexpected(address.error());
  auto db = std::make_shared<postgres_connection>(*address, busy_timeout);
  if (auto ready = prepare_ledger(*db); !ready) return tl::make_unexpected(ready.error());
  return std::make_unique<postgres_ledger>(std::move(db));
}

expected<std::unique_ptr<ledger>> open_ledger(const std::string& where, milliseconds busy_timeout) {
  return is_server(where) ? open_postgres(where, busy_timeout) : open_sqlite(where, busy_timeout);
}

bool may_exist(const std::string& where) {
  std::error_code ignored;
  return is_server(where) || std::filesystem::exists(where, ignored);
}

}  // namespace assay::storage
