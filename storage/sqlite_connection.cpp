#include "storage/sqlite_connection.hpp"

#include <sqlite3.h>

#include <cstring>

namespace assay::storage {

namespace {

/// What a failure of SQLite means to a person. `{path}`, `{reason}` and `{wait}` are filled in.
struct failure_text {
  int code;
  std::string_view what;
  std::string_view fix;
};

constexpr failure_text failure_texts[] = {
    {SQLITE_BUSY, "another process held the write lock for more than {wait} ms",
     "wait until it is done, or see who has it open with `fuser {path}`"},
    {SQLITE_READONLY, "the ledger cannot be written: {reason}",
     "its owner needs write permission for the file and its folder; SQLite keeps {path}-wal and "
     "{path}-shm beside it"},
    {SQLITE_CANTOPEN, "the ledger cannot be opened: {reason}",
     "check that it is a file in a folder that can be written, or name another path"},
    {SQLITE_PERM, "the ledger cannot be opened: {reason}", "check owner and permissions"},
    {SQLITE_FULL, "no space is left for the ledger",
     "free space and start again: what was committed is kept"},
    {SQLITE_IOERR, "the disk failed while reading or writing the ledger: {reason}",
     "check disk and file system (a network file system does not serve), then start again: what "
     "was committed is kept"},
    {SQLITE_CORRUPT, "the ledger is damaged: {reason}",
     "restore a copy, or save what can be read: `sqlite3 {path} .recover | sqlite3 NEW`"},
    {SQLITE_NOTADB, "this file is not a ledger: {reason}", "name another file"},
    {SQLITE_TOOBIG, "a text is larger than the 1 GB that a ledger row can hold", ""},
};

std::string fill(std::string_view pattern, std::string_view name, std::string_view value) {
  std::string text(pattern);
  for (std::size_t at = 0; (at = text.find(name, at)) != text.npos; at += value.size())
    text.replace(at, name.size(), value);
  return text;
}

std::string reason_of(sqlite3* handle, int code) {
  std::string reason = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  if (int error = handle ? sqlite3_system_errno(handle) : 0;
      error != 0 && (code & 0xff) != SQLITE_NOTADB)
    reason += std::string(" (") + std::strerror(error) + ")";
  return reason;
}

}  // namespace

// -- statement ------------------------------------------------------------------------------------

class sqlite_prepared final : public prepared {
 public:
  sqlite_prepared(sqlite_connection& owner, sqlite3_stmt* handle)
      : owner_(owner), handle_(handle) {}
  ~sqlite_prepared() override { sqlite3_finalize(handle_); }

  void reset() override {
    sqlite3_reset(handle_);
    if (texts_) sqlite3_clear_bindings(handle_);
    texts_ = false;
  }

  void bind(int index, std::int64_t value) override {
    owner_.note(sqlite3_bind_int64(handle_, index, value));
  }

  void bind(int index, double value) override {
    owner_.note(sqlite3_bind_double(handle_, index, value));
  }

  void bind(int index, std::string_view value) override {
    auto data = value.data() ? value.data() : "";
    texts_ = true;
    owner_.note(
        sqlite3_bind_text64(handle_, index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  }

  void bind(int index, const task_key& value) override {
    auto size = static_cast<int>(value.bytes.size());
    texts_ = true;
    owner_.note(sqlite3_bind_blob(handle_, index, value.bytes.data(), size, SQLITE_STATIC));
  }

  void bind_null(int index, column_type) override {
    owner_.note(sqlite3_bind_null(handle_, index));
  }

  bool step() override {
    int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) owner_.note(code);
    return false;
  }

  bool is_null(int column) const override {
    return sqlite3_column_type(handle_, column) == SQLITE_NULL;
  }

  std::int64_t integer(int column) const override { return sqlite3_column_int64(handle_, column); }

  double real(int column) const override { return sqlite3_column_double(handle_, column); }

  std::string_view text(int column) const override {
    auto data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return data ? std::string_view(data, sqlite3_column_bytes(handle_, column))
                : std::string_view();
  }

  task_key key(int column) const override {
    task_key key;
    auto data = sqlite3_column_blob(handle_, column);
    if (sqlite3_column_bytes(handle_, column) == static_cast<int>(key.bytes.size()))
      std::memcpy(key.bytes.data(), data, key.bytes.size());
    return key;
  }

 private:
  sqlite_connection& owner_;
  sqlite3_stmt* handle_;
  bool texts_ = false;  ///< some are bound that will not live for ever
};

// -- connection -----------------------------------------------------------------------------------

sqlite_connection::sqlite_connection(std::string path, milliseconds busy_timeout)
    : path_(std::move(path)), busy_timeout_(busy_timeout) {
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int code = sqlite3_open_v2(path_.c_str(), &handle_, flags, nullptr);
  note(code);
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, static_cast<int>(busy_timeout.count()));
}

sqlite_connection::~sqlite_connection() {
  idle_.clear();
  sqlite3_close(handle_);
}

void sqlite_connection::run_script(const std::string& sql) {
  if (failed()) return;
  note(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr));
}

std::int64_t sqlite_connection::size() {
  return integer("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
}

/// The copy that SQLite makes on the way is too large for memory.
void sqlite_connection::vacuum() {
  run_script(
      "PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY;"
      "PRAGMA wal_checkpoint(TRUNCATE)");
}

bool sqlite_connection::in_transaction() const { return !sqlite3_get_autocommit(handle_); }

/// SQLite rolls back by itself after some failures (disk full); then there is nothing left to do.
void sqlite_connection::roll_back_transaction() {
  if (in_transaction()) run_script("ROLLBACK");
}

std::unique_ptr<prepared> sqlite_connection::prepare(const char* sql, use) {
  sqlite3_stmt* made = nullptr;
  note(sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr));
  return made ? std::make_unique<sqlite_prepared>(*this, made) : nullptr;
}

void sqlite_connection::note(int code) {
  if (failed() || code == SQLITE_OK) return;
  failed_on_lock_ = (code & 0xff) == SQLITE_BUSY;
  auto reason = reason_of(handle_, code);
  for (const auto& row : failure_texts) {
    if (row.code != (code & 0xff)) continue;
    auto what =
        fill(fill(row.what, "{reason}", reason), "{wait}", std::to_string(busy_timeout_.count()));
    return fail_with({path_, std::move(what), fill(row.fix, "{path}", path_)});
  }
  fail_with({path_, "SQLite: " + reason, ""});
}

}  // namespace assay::storage
