#include "storage/postgres_connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>

#include "storage/postgres_statement.hpp"
#include "storage/postgres_text.hpp"
#include "storage/run_lock.hpp"
#include "storage/tables.hpp"

namespace assay::storage {

namespace {

/// What a failure of the server means to a person, by the beginning of its SQLSTATE. `{reason}` and
/// `{wait}` are filled in.
struct failure_text {
  std::string_view state;
  std::string_view what;
  std::string_view fix;
};

constexpr failure_text failure_texts[] = {
    {"55P03", "another process held the write lock for more than {wait} ms",
     "wait until it is done; `SELECT * FROM pg_stat_activity` on the server shows who it is"},
    {"25006", "the server can only be read: {reason}", "name the primary server"},
    {"42501", "the role may not do this: {reason}",
     "make it the owner of the database or of the schema"},
    {"53100", "no space is left on the server",
     "free space and start again: what was committed is kept"},
    {"54000", "a text is larger than the 1 GB that a ledger row can hold", ""},
    {"XX", "the ledger is damaged: {reason}", "restore a copy; the server's log says more"},
};

/// The server goes down, comes up, or has cut the connection.
constexpr std::array<std::string_view, 5> lost_states{"57P01", "57P02", "57P03", "57P05", "08"};

std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

std::string fill(std::string_view pattern, std::string_view name, const std::string& value) {
  std::string text(pattern);
  if (auto at = text.find(name); at != text.npos) text.replace(at, name.size(), value);
  return text;
}

/// Advisory locks are per database; a ledger is a schema of it.
std::string lock_key(const std::string& what) {
  std::string quoted;
  for (char c : what) quoted += c == '\'' ? "''" : std::string(1, c);
  return "hashtextextended('assay ' || current_schema() || ' " + quoted + "', 0)";
}

/// The connections that hold a lock.
std::string from_holders(const std::string& what) {
  return " FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' "
         "AND l.granted AND l.objsubid = 1 AND a.datname = current_database() "
         "AND l.database = a.datid AND (l.classid::bigint << 32 | l.objid::bigint) = " +
         lock_key(what);
}

}  // namespace

void free_result::operator()(pg_result* result) const { PQclear(result); }

postgres_connection::postgres_connection(postgres_address address, milliseconds busy_timeout)
    : address_(std::move(address)), busy_timeout_(busy_timeout) {
  connect();
}

postgres_connection::~postgres_connection() {
  idle_.clear();
  PQfinish(handle_);
}

// -- connecting -----------------------------------------------------------------------------------

void postgres_connection::connect() {
  PQfinish(handle_);
  in_transaction_ = false;
  auto own_name = own_process();
  // Before the address: what it may set otherwise. A dead server is noticed within 15 s.
  constexpr const char* keys[] = {"connect_timeout",  "keepalives_idle",  "keepalives_interval",
                                  "keepalives_count", "tcp_user_timeout", "dbname",
                                  "application_name", "client_encoding",  nullptr};
  const char* values[] = {"10",   "5",    "3", "3", "15000", address_.url.c_str(), own_name.c_str(),
                          "UTF8", nullptr};
  handle_ = PQconnectdbParams(keys, values, 1);
  if (PQstatus(handle_) != CONNECTION_OK) return note_unreachable();
  PQsetNoticeProcessor(
      handle_, [](void*, const char*) {}, nullptr);
  note_lost(false);
  if (set_up_session() && take_locks_again()) was_connected_ = true;
}

bool postgres_connection::set_up_session() {
  auto settings = "SET lock_timeout = " + std::to_string(busy_timeout_.count()) +
                  "; SET synchronous_commit = on; SET client_min_messages = warning;"
                  "SET cursor_tuple_fraction = 1; SET jit = off";
  return check(PQexec(handle_, settings.c_str())) != nullptr;
}

/// Another process may have taken them while we were cut off.
bool postgres_connection::take_locks_again() {
  for (const auto& what : locks_)
    if (!try_lock(what)) {
      fail_with({name(),
                 what + " was taken over by " + holder_of(what) +
                     " while the server of "
                     "the ledger could not be reached",
                 "stop one of the two"});
      return false;
    }
  return true;
}

/// A server that let us in before will do so again. One that answers, and still does not let us in,
/// has a reason.
void postgres_connection::note_unreachable() {
  auto reason = first_line(PQerrorMessage(handle_));
  bool answers = !was_connected_ && PQping(address_.url.c_str()) == PQPING_OK;
  note_lost(!answers);
  if (answers)
    fail_with({name(), "the server of the ledger refuses: " + reason,
               "check role, password (~/.pgpass or PGPASSWORD) and database"});
  else
    fail_with({name(), "the server of the ledger cannot be reached: " + reason,
               "check that it runs and that the address is right"});
}

/// Between two commands a server says nothing unless it ends the connection.
bool postgres_connection::was_cut() const {
  pollfd socket{PQsocket(handle_), POLLIN, 0};
  while (PQstatus(handle_) == CONNECTION_OK && ::poll(&socket, 1, 0) == 1)
    if (PQconsumeInput(handle_) == 0) return true;
  return PQstatus(handle_) != CONNECTION_OK;
}

/// Connects again if need be; not within a transaction, whose beginning would be lost.
bool postgres_connection::ready() {
  if (failed()) return false;
  if (handle_ && !was_cut()) return true;
  if (in_transaction_)
    note_unreachable();
  else
    connect();
  return !failed();
}

std::string postgres_connection::server_parameter(const char* name) const {
  auto value = PQparameterStatus(handle_, name);
  return value ? value : "";
}

// -- executing ------------------------------------------------------------------------------------

result_ptr postgres_connection::execute(const std::string& sql,
                                        const std::vector<postgres_value>& parameters) {
  if (!ready()) return nullptr;
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths, formats(parameters.size(), 1);
  for (const auto& p : parameters) {
    types.push_back(p.type);
    values.push_back(p.null ? nullptr : p.bytes.data());
    lengths.push_back(static_cast<int>(p.bytes.size()));
  }
  return check(PQexecParams(handle_, sql.c_str(), static_cast<int>(parameters.size()), types.data(),
                            values.data(), lengths.data(), formats.data(), 1));
}

void postgres_connection::try_execute(const std::string& sql) {
  auto state = PQtransactionStatus(handle_);
  if (state == PQTRANS_IDLE || state == PQTRANS_INTRANS) PQclear(PQexec(handle_, sql.c_str()));
}

void postgres_connection::run_script(const std::string& sql) {
  if (ready()) check(PQexec(handle_, to_postgres(sql, use::once).c_str()));
}

std::int64_t postgres_connection::size() {
  return integer(
      "SELECT CAST(coalesce(sum(pg_total_relation_size(oid)), 0) AS BIGINT) FROM pg_class "
      "WHERE relkind = 'r' AND relnamespace = (SELECT oid FROM pg_namespace "
      "WHERE nspname = current_schema())");
}

void postgres_connection::vacuum() {
  for (const auto& table : tables_of_a_ledger()) run_script("VACUUM " + table.name);
}

result_ptr postgres_connection::check(pg_result* made) {
  result_ptr result(made);
  auto status = PQresultStatus(made);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  note(made);
  return nullptr;
}

void postgres_connection::note(const pg_result* result) {
  auto text = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  std::string_view state = text ? text : "";
  bool lost = PQstatus(handle_) != CONNECTION_OK ||
              std::any_of(lost_states.begin(), lost_states.end(),
                          [&](auto s) { return state.starts_with(s); });
  if (lost) {
    was_connected_ = true;
    note_unreachable();
    PQfinish(std::exchange(handle_, nullptr));
    return;
  }
  auto message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  auto reason = first_line(message ? message : PQerrorMessage(handle_));
  for (const auto& row : failure_texts) {
    if (!state.starts_with(row.state)) continue;
    auto what =
        fill(fill(row.what, "{reason}", reason), "{wait}", std::to_string(busy_timeout_.count()));
    return fail_with({name(), std::move(what), std::string(row.fix)});
  }
  fail_with({name(), "PostgreSQL: " + reason, ""});
}

std::unique_ptr<prepared> postgres_connection::prepare(const char* sql, use how) {
  return make_postgres_statement(*this, sql, how);
}

// -- transactions and locks -----------------------------------------------------------------------

/// As in SQLite one writes at a time, so that what a transaction has read stays true in it.
void postgres_connection::begin_transaction() {
  run_script("BEGIN; SELECT pg_advisory_xact_lock(" + lock_key(write_lock) + ")");
  in_transaction_ = handle_ && PQtransactionStatus(handle_) != PQTRANS_IDLE;
}

void postgres_connection::commit_transaction() {
  if (!ready()) return;
  auto done = check(PQexec(handle_, "COMMIT"));
  in_transaction_ = false;
  if (done && PQcmdStatus(done.get()) != std::string_view("COMMIT"))
    fail_with({name(), "PostgreSQL: the transaction was rolled back", ""});
}

void postgres_connection::roll_back_transaction() {
  in_transaction_ = false;
  auto state = PQtransactionStatus(handle_);
  if (state == PQTRANS_INTRANS || state == PQTRANS_INERROR) run_script("ROLLBACK");
}

bool postgres_connection::try_lock(const std::string& what) {
  auto sql = "SELECT pg_try_advisory_lock(" + lock_key(what) + ")";
  auto result = check(PQexec(handle_, sql.c_str()));
  return result && PQgetvalue(result.get(), 0, 0)[0] == 't';
}

bool postgres_connection::lock(const std::string& what) {
  if (std::find(locks_.begin(), locks_.end(), what) != locks_.end()) return false;
  if (!ready() || !try_lock(what)) return false;
  locks_.push_back(what);
  return true;
}

void postgres_connection::unlock(const std::string& what) {
  std::erase(locks_, what);
  try_execute("SELECT pg_advisory_unlock(" + lock_key(what) + ")");
}

void postgres_connection::wait_for_lock(const std::string& what) {
  run_script("SELECT pg_advisory_lock(" + lock_key(what) + ")");
  if (!failed()) locks_.push_back(what);
}

std::string postgres_connection::holder_of(const std::string& what) {
  auto sql = "SELECT a.application_name" + from_holders(what);
  auto found = check(PQexec(handle_, sql.c_str()));
  if (!found || PQntuples(found.get()) == 0) return "another process";
  return PQgetvalue(found.get(), 0, 0);
}

void postgres_connection::end_sessions_of(const std::string& process) {
  execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 "
      "AND datname = current_database() AND pid <> pg_backend_pid()",
      {{25, false, process}});
}

}  // namespace assay::storage
