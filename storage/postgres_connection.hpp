#pragma once

#include <memory>
#include <string>
#include <vector>

#include "messages/units.hpp"
#include "storage/connection.hpp"
#include "storage/postgres_address.hpp"

struct pg_conn;
struct pg_result;

namespace assay::storage {

struct free_result {
  void operator()(pg_result*) const;
};
using result_ptr = std::unique_ptr<pg_result, free_result>;

/// What whoever writes holds in its transaction, among the locks of the ledger.
inline constexpr char write_lock[] = "write";

/// A parameter in PostgreSQL's binary form.
struct postgres_value {
  unsigned type = 0;  ///< its OID
  bool null = false;
  std::string_view bytes;
};

/// A connection to a server. If it is lost, the operation fails (`lost`), and the next one connects
/// again; locks that were held are then taken again, or that fails.
class postgres_connection : public connection {
 public:
  postgres_connection(postgres_address, milliseconds busy_timeout);
  ~postgres_connection() override;

  void run_script(const std::string& sql) override;
  bool gathers() const override { return true; }
  const std::string& name() const override { return address_.shown; }
  std::int64_t size() override;
  void vacuum() override;
  const postgres_address& address() const { return address_; }
  milliseconds busy_timeout() const { return busy_timeout_; }

  /// A property that the server tells on connecting, e.g. `server_encoding`.
  std::string server_parameter(const char* name) const;

  /// Takes a lock for as long as this connection or the lock lives; false if another connection, or
  /// this one, holds it. `what` names it among the locks of the ledger.
  bool lock(const std::string& what);
  /// The same, but waits for it, up to the busy timeout; a failure is noted.
  void wait_for_lock(const std::string& what);
  void unlock(const std::string& what);
  /// Ends all connections of another process to this database.
  void end_sessions_of(const std::string& process);
  /// Who holds it, `process PID on HOST`.
  std::string holder_of(const std::string& what);

  /// Executes a statement; null after a failure, which is noted.
  result_ptr execute(const std::string& sql, const std::vector<postgres_value>&);
  /// The same for what nobody waits for: no failure is noted, nothing is done if the connection is
  /// in no state for it.
  void try_execute(const std::string& sql);

 protected:
  void begin_transaction() override;
  void commit_transaction() override;
  void roll_back_transaction() override;
  std::unique_ptr<prepared> prepare(const char* sql, use) override;

 private:
  bool ready();
  bool was_cut() const;
  void connect();
  bool set_up_session();
  bool take_locks_again();
  result_ptr check(pg_result*);
  void note(const pg_result*);
  void note_unreachable();
  bool try_lock(const std::string& what);

  postgres_address address_;
  milliseconds busy_timeout_;
  pg_conn* handle_ = nullptr;
  bool was_connected_ = false;
  bool in_transaction_ = false;
  std::vector<std::string> locks_;  ///< held
};

}  // namespace assay::storage
