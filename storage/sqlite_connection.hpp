#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "messages/problem.hpp"
#include "messages/task_key.hpp"
#include "messages/units.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace assay::storage {

class connection;

/// A prepared statement, borrowed from its connection's cache and given back on destruction.
///
/// Invariant: once the connection has failed, `step` and `run` do nothing, so a sequence of
/// statements needs one check at its end (`connection::result`).
class statement {
 public:
  statement(connection&, const char* sql);
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  ~statement();

  /// Starts over with new parameters, in the order of the `?`. REQUIRES: texts outlive the last
  /// `step`.
  template <class... Value>
  statement& start(const Value&... values) {
    reset();
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }

  /// Moves to the next row; false at the end and after a failure.
  bool step();

  /// Executes a statement that gives no rows.
  template <class... Value>
  void run(const Value&... values) {
    start(values...).step();
    reset();
  }

  // Columns of the current row; text and key views are valid until the next `step`.
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  task_key key(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<double> optional_real(int column) const;

 private:
  void reset();
  void check(int code);
  void bind(int index, std::int64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view value);
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, const task_key& value);
  void bind(int index, std::nullopt_t);
  template <class T>
  requires(std::is_enum_v<T> || (std::is_integral_v<T> &&
                                 !std::is_same_v<T, std::int64_t>)) void bind(int index, T value) {
    bind(index, static_cast<std::int64_t>(value));
  }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    value ? bind(index, *value) : bind(index, std::nullopt);
  }

  connection& owner_;
  const char* sql_;
  sqlite3_stmt* handle_ = nullptr;
};

/// One SQLite connection; used by one thread at a time. The first failure sticks until `result`
/// hands it out.
class connection {
 public:
  /// Opens or creates the file.
  connection(std::string path, milliseconds busy_timeout);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  /// Runs one or more statements without parameters.
  void run_script(const char* sql);
  std::int64_t integer(const char* sql);

  std::int64_t last_id() const;
  bool failed() const { return failure_.has_value(); }
  bool in_transaction() const;
  /// True if the failure that sticks is another connection's lock.
  bool failed_on_lock() const { return failed_on_lock_; }
  milliseconds busy_timeout() const { return busy_timeout_; }
  const std::string& path() const { return path_; }

  /// Notes a failure in our own words, e.g. a row that nobody can read.
  void fail_with(problem);
  /// The first failure since the last call, if any.
  expected<void> result();

 private:
  friend class statement;
  void note(int code);
  sqlite3_stmt* borrow(const char* sql);
  void give_back(const char* sql, sqlite3_stmt*);

  std::string path_;
  milliseconds busy_timeout_;
  sqlite3* handle_ = nullptr;
  /// By address: the texts are constants of this library.
  std::unordered_map<const char*, sqlite3_stmt*> idle_;
  std::optional<problem> failure_;
  bool failed_on_lock_ = false;
};

/// A write transaction: takes the write lock at once, rolls back unless committed.
class transaction {
 public:
  /// `rolled_back` is called after a rollback, for what was remembered of the lost writes.
  explicit transaction(
      connection&, std::function<void()> rolled_back = [] {});
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  /// Commits, or rolls back and says what failed first.
  expected<void> commit();

 private:
  void roll_back();

  connection& owner_;
  std::function<void()> rolled_back_;
  bool open_ = true;
};

}  // namespace assay::storage
