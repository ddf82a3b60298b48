#include "storage/sqlite_schema.hpp"

#include <sqlite3.h>

#include <string>

namespace assay::storage {

namespace {

std::int64_t version_of(sqlite_connection& db) { return db.integer("PRAGMA user_version"); }

expected<void> check_identity(sqlite_connection& db) {
  // Another process may be making the ledger right now, in one transaction: whoever sees its tables
  // must look for its mark afterwards.
  auto objects = db.integer("SELECT count(*) FROM sqlite_schema");
  auto version = version_of(db);
  auto application = db.integer("PRAGMA application_id");
  if (auto read = db.result(); !read) return read;
  bool empty = application == 0 && version == 0 && objects == 0;
  if (!empty && application != ledger_application_id)
    return fail(db.name(), "this is a database of another program, not a ledger",
                "name another file");
  if (version > newest_schema)
    return fail(db.name(),
                "this ledger was written by a newer assay (schema " + std::to_string(version) +
                    ", this one knows " + std::to_string(newest_schema) + ")",
                "update assay, or name another ledger");
  return {};
}

/// Asks for the write-ahead log and gives the mode that the ledger then has. SQLite refuses this at
/// once, without waiting, while somebody else is asking for it too.
std::string turn_on_write_ahead_log(sqlite_connection& db) {
  constexpr milliseconds pause{2};
  for (auto left = db.busy_timeout();; left -= pause) {
    {
      statement query(db, "PRAGMA journal_mode = WAL");
      if (query.step()) return std::string(query.text(0));
    }
    if (!db.failed_on_lock() || left <= milliseconds::zero()) return {};
    (void)db.result();
    sqlite3_sleep(static_cast<int>(pause.count()));
  }
}

/// A write-ahead log needs shared memory, which network file systems do not give.
expected<void> set_up(sqlite_connection& db) {
  auto mode = turn_on_write_ahead_log(db);
  if (auto asked = db.result(); !asked) return asked;
  if (mode != "wal")
    return fail(db.name(), "the file system cannot hold a write-ahead log",
                "put the ledger on a local disk");
  db.run_script(
      "PRAGMA synchronous = FULL;"
      "PRAGMA cache_size = -16384;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA wal_autocheckpoint = 4000;"
      "PRAGMA journal_size_limit = 67108864;");
  return db.result();
}

/// The version is read again under the write lock: another process may migrate at the same time.
expected<void> migrate(sqlite_connection& db) {
  transaction change(db);
  auto version = version_of(db);
  if (version == 0)
    db.run_script("PRAGMA application_id = " + std::to_string(ledger_application_id));
  for (; version < newest_schema; ++version) {
    db.run_script(migration_from(version));
    db.run_script("PRAGMA user_version = " + std::to_string(version + 1));
  }
  return change.commit();
}

}  // namespace

expected<void> prepare_ledger(sqlite_connection& db) {
  if (auto opened = db.result(); !opened) return opened;
  if (auto ours = check_identity(db); !ours) return ours;
  if (auto ready = set_up(db); !ready) return ready;
  auto version = version_of(db);
  if (auto read = db.result(); !read) return read;
  return version < newest_schema ? migrate(db) : expected<void>{};
}

}  // namespace assay::storage
