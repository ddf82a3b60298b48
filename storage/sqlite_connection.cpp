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

statement::statement(connection& owner, const char* sql)
    : owner_(owner), sql_(sql), handle_(owner.borrow(sql)) {}

statement::~statement() {
  if (!handle_) return;
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  owner_.give_back(sql_, handle_);
}

void statement::reset() {
  if (handle_) sqlite3_reset(handle_);
}

void statement::check(int code) { owner_.note(code); }

bool statement::step() {
  if (!handle_ || owner_.failed()) return false;
  int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) owner_.note(code);
  return false;
}

bool statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::int64_t statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

double statement::real(int column) const { return sqlite3_column_double(handle_, column); }

std::string_view statement::text(int column) const {
  auto data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  return data ? std::string_view(data, sqlite3_column_bytes(handle_, column)) : std::string_view();
}

task_key statement::key(int column) const {
  task_key key;
  auto data = sqlite3_column_blob(handle_, column);
  if (sqlite3_column_bytes(handle_, column) == static_cast<int>(key.bytes.size()))
    std::memcpy(key.bytes.data(), data, key.bytes.size());
  return key;
}

std::optional<std::int64_t> statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::optional<double> statement::optional_real(int column) const {
  if (is_null(column)) return std::nullopt;
  return real(column);
}

void statement::bind(int index, std::int64_t value) {
  if (handle_) check(sqlite3_bind_int64(handle_, index, value));
}

void statement::bind(int index, double value) {
  if (handle_) check(sqlite3_bind_double(handle_, index, value));
}

void statement::bind(int index, std::string_view value) {
  auto data = value.data() ? value.data() : "";
  if (handle_)
    check(sqlite3_bind_text64(handle_, index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void statement::bind(int index, const task_key& value) {
  auto size = static_cast<int>(value.bytes.size());
  if (handle_) check(sqlite3_bind_blob(handle_, index, value.bytes.data(), size, SQLITE_STATIC));
}

void statement::bind(int index, std::nullopt_t) {
  if (handle_) check(sqlite3_bind_null(handle_, index));
}

// -- connection -----------------------------------------------------------------------------------

connection::connection(std::string path, milliseconds busy_timeout)
    : path_(std::move(path)), busy_timeout_(busy_timeout) {
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int code = sqlite3_open_v2(path_.c_str(), &handle_, flags, nullptr);
  note(code);
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, static_cast<int>(busy_timeout.count()));
}

connection::~connection() {
  for (auto& [sql, prepared] : idle_) sqlite3_finalize(prepared);
  sqlite3_close(handle_);
}

void connection::run_script(const char* sql) {
  if (failed()) return;
  note(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr));
}

std::int64_t connection::integer(const char* sql) {
  statement query(*this, sql);
  return query.step() ? query.integer(0) : 0;
}

std::int64_t connection::last_id() const { return sqlite3_last_insert_rowid(handle_); }

bool connection::in_transaction() const { return !sqlite3_get_autocommit(handle_); }

void connection::fail_with(problem what) {
  if (!failure_) failure_ = std::move(what);
}

expected<void> connection::result() {
  if (!failure_) return {};
  auto what = std::move(*failure_);
  failure_.reset();
  failed_on_lock_ = false;
  return tl::make_unexpected(std::move(what));
}

void connection::note(int code) {
  if (failure_ || code == SQLITE_OK) return;
  failed_on_lock_ = (code & 0xff) == SQLITE_BUSY;
  auto reason = reason_of(handle_, code);
  for (const auto& row : failure_texts) {
    if (row.code != (code & 0xff)) continue;
    auto what =
        fill(fill(row.what, "{reason}", reason), "{wait}", std::to_string(busy_timeout_.count()));
    failure_ = problem{path_, std::move(what), fill(row.fix, "{path}", path_)};
    return;
  }
  failure_ = problem{path_, "SQLite: " + reason, ""};
}

/// A statement that is in use already (a query whose visitor queries again) is prepared anew.
sqlite3_stmt* connection::borrow(const char* sql) {
  if (auto cached = idle_.find(sql); cached != idle_.end()) {
    auto prepared = cached->second;
    idle_.erase(cached);
    return prepared;
  }
  if (failed()) return nullptr;
  sqlite3_stmt* prepared = nullptr;
  note(sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr));
  return prepared;
}

void connection::give_back(const char* sql, sqlite3_stmt* prepared) {
  if (!idle_.emplace(sql, prepared).second) sqlite3_finalize(prepared);
}

// -- transaction ----------------------------------------------------------------------------------

transaction::transaction(connection& owner, std::function<void()> rolled_back)
    : owner_(owner), rolled_back_(std::move(rolled_back)) {
  owner_.run_script("BEGIN IMMEDIATE");
}

transaction::~transaction() {
  if (open_) roll_back();
}

expected<void> transaction::commit() {
  owner_.run_script("COMMIT");
  open_ = owner_.failed();
  auto result = owner_.result();
  if (open_) roll_back();
  return result;
}

/// SQLite rolls back by itself after some failures (disk full); then there is nothing left to do.
/// The reason for rolling back stays the failure, whatever the rollback itself meets.
void transaction::roll_back() {
  open_ = false;
  auto reason = owner_.result();
  if (owner_.in_transaction()) owner_.run_script("ROLLBACK");
  (void)owner_.result();
  if (!reason) owner_.fail_with(std::move(reason.error()));
  rolled_back_();
}

}  // namespace assay::storage
