#pragma once

#include "messages/units.hpp"
#include "storage/connection.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace assay::storage {

/// A connection to a SQLite file.
class sqlite_connection : public connection {
 public:
  /// Opens or creates the file.
  sqlite_connection(std::string path, milliseconds busy_timeout);
  ~sqlite_connection() override;

  void run_script(const std::string& sql) override;
  bool gathers() const override { return false; }
  const std::string& name() const override { return path_; }
  std::int64_t size() override;
  void vacuum() override;

  bool in_transaction() const;
  /// True if the failure that sticks is another connection's lock.
  bool failed_on_lock() const { return failed_on_lock_; }
  milliseconds busy_timeout() const { return busy_timeout_; }

 protected:
  void begin_transaction() override { run_script("BEGIN IMMEDIATE"); }
  void commit_transaction() override { run_script("COMMIT"); }
  void roll_back_transaction() override;
  std::unique_ptr<prepared> prepare(const char* sql, use) override;
  void failure_told() override { failed_on_lock_ = false; }

 private:
  friend class sqlite_prepared;
  void note(int code);

  std::string path_;
  milliseconds busy_timeout_;
  sqlite3* handle_ = nullptr;
  bool failed_on_lock_ = false;
};

}  // namespace assay::storage
