#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "messages/problem.hpp"
#include "messages/task_key.hpp"

/// One way to talk SQL to the databases that can hold a ledger.
///
/// SQL is written once, in the words that SQLite and PostgreSQL share: `?` for a parameter,
/// `CROSS JOIN ... ON` where SQLite is to keep the order of a join, `= 1` for what is true. What
/// differs is said by the kind of use, not by the text: where each execution costs a round trip,
/// `bulk` and `each` make one of many.
namespace assay::storage {

class connection;

/// How a statement is used.
enum class use : std::uint8_t {
  once,    ///< one set of parameters at a time, few rows
  stream,  ///< more rows than memory should hold
  many,    ///< many sets of parameters
};

/// What a parameter is, where its value does not say so.
enum class column_type : std::uint8_t { integer, real, text, key };

/// A statement as its database knows it. Failures go to the connection, where they stick.
class prepared {
 public:
  virtual ~prepared() = default;
  /// Forgets parameters and rows.
  virtual void reset() = 0;
  virtual void bind(int index, std::int64_t) = 0;
  virtual void bind(int index, double) = 0;
  /// REQUIRES: the text outlives the last `step`; for `many`, the next `end_set`.
  virtual void bind(int index, std::string_view) = 0;
  virtual void bind(int index, const task_key&) = 0;
  virtual void bind_null(int index, column_type) = 0;
  /// Of `many` where `connection::gathers`: keeps the parameters bound so far for one `step`.
  virtual void end_set() {}
  virtual std::size_t held_bytes() const { return 0; }
  /// Of `many`: the set of parameters, in their order, that the current row belongs to.
  virtual std::size_t set() const { return 0; }

  /// Moves to the next row; false at the end.
  virtual bool step() = 0;
  // Columns of the current row; text views are valid until the next `step`.
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  virtual task_key key(int column) const = 0;
};

/// A statement, borrowed from its connection and given back on destruction.
///
/// Invariant: once the connection has failed, `step` and `run` do nothing, so a sequence of
/// statements needs one check at its end (`connection::result`).
class statement {
 public:
  statement(connection&, const char* sql, use = use::once);
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  ~statement();

  /// Starts over with new parameters, in the order of the `?`. REQUIRES: texts outlive the last
  /// `step`.
  template <class... Value>
  statement& start(const Value&... values) {
    reset();
    bind_all(values...);
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
  bool is_null(int column) const { return handle_->is_null(column); }
  std::int64_t integer(int column) const { return handle_->integer(column); }
  double real(int column) const { return handle_->real(column); }
  std::string_view text(int column) const { return handle_->text(column); }
  task_key key(int column) const { return handle_->key(column); }
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<double> optional_real(int column) const;

 protected:
  template <class... Value>
  void bind_all(const Value&... values) {
    if (!handle_) return;
    int index = 0;
    (bind(++index, values), ...);
  }
  void reset();

  connection& owner_;
  const char* sql_;
  use how_;
  std::unique_ptr<prepared> handle_;

 private:
  template <class T>
  static constexpr column_type type_of() {
    if constexpr (std::is_floating_point_v<T>)
      return column_type::real;
    else if constexpr (std::is_same_v<T, task_key>)
      return column_type::key;
    else if constexpr (std::is_convertible_v<T, std::string_view>)
      return column_type::text;
    else
      return column_type::integer;
  }
  void bind(int index, std::int64_t value) { handle_->bind(index, value); }
  /// No database tells NaN from an unknown number.
  void bind(int index, double value) {
    if (std::isnan(value))
      handle_->bind_null(index, column_type::real);
    else
      handle_->bind(index, value);
  }
  void bind(int index, std::string_view value) { handle_->bind(index, value); }
  void bind(int index, const std::string& value) { handle_->bind(index, std::string_view(value)); }
  void bind(int index, const char* value) { handle_->bind(index, std::string_view(value)); }
  void bind(int index, const task_key& value) { handle_->bind(index, value); }
  template <class T>
  requires(std::is_enum_v<T> || (std::is_integral_v<T> &&
                                 !std::is_same_v<T, std::int64_t>)) void bind(int index, T value) {
    bind(index, static_cast<std::int64_t>(value));
  }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    value ? bind(index, *value) : handle_->bind_null(index, type_of<T>());
  }
};

/// An INSERT or DELETE for many rows. What was added is written by `flush` at the latest.
/// REQUIRES of a DELETE: one parameter, compared by `= ?`; of an INSERT: `VALUES (?, ...)`.
class bulk : public statement {
 public:
  bulk(connection& db, const char* sql) : statement(db, sql, use::many) {}

  template <class... Value>
  void add(const Value&... values) {
    bind_all(values...);
    end_row();
  }
  /// The same for columns that are known at run time: `bind(prepared)` binds all of them.
  template <class Bind>
  void add_with(Bind bind) {
    if (handle_) bind(*handle_);
    end_row();
  }
  void flush();

 private:
  void end_row();
  std::size_t held_ = 0;
};

/// A SELECT with one set of parameters after another.
class inquiry : public statement {
 public:
  inquiry(connection& db, const char* sql) : statement(db, sql, use::many) {}

  /// Asks with the parameters `bind(i, ask)` gives to `ask(...)` for each `i` below `count`, and
  /// passes each row to `visit(i, row)`; the rows of one `i` come together, and in their order.
  template <class Bind, class Visit>
  void each(std::size_t count, Bind bind, Visit visit) {
    auto ask = [this](const auto&... values) { this->bind_all(values...); };
    each_with(
        count, [&](std::size_t i, prepared&) { bind(i, ask); }, visit);
  }

  /// The same for columns that are known at run time: `bind(i, prepared)` binds all of them.
  template <class Bind, class Visit>
  void each_with(std::size_t count, Bind bind, Visit visit) {
    for (std::size_t i = 0; i < count; ++i) {
      if (handle_) bind(i, *handle_);
      if (next_set()) continue;
      while (step()) visit(i, *this);
      reset();
    }
    while (more()) visit(handle_->set(), *this);
    reset();
  }

  /// The same for one parameter.
  template <class List, class Visit>
  void each_of(const List& list, Visit visit) {
    each(
        list.size(), [&](std::size_t i, auto ask) { ask(list[i]); }, visit);
  }

 private:
  bool next_set();
  bool more();
  bool gathered_ = false;
};

/// One connection to a database; used by one thread at a time. The first failure sticks until
/// `result` hands it out.
class connection {
 public:
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  virtual ~connection() = default;

  /// Runs one or more statements without parameters. Nothing if the connection has failed.
  virtual void run_script(const std::string& sql) = 0;
  std::int64_t integer(const char* sql);

  bool failed() const { return failure_.has_value(); }
  /// True if the last failure was the way to the database, not the database: trying again may help.
  bool lost() const { return lost_; }
  /// True if many sets of parameters are gathered before they are executed.
  virtual bool gathers() const = 0;
  /// What the ledger is called in messages.
  virtual const std::string& name() const = 0;

  /// Bytes that all records take.
  virtual std::int64_t size() = 0;
  /// Gives the space of removed records back. REQUIRES: nobody writes meanwhile.
  virtual void vacuum() = 0;

  /// Notes a failure in our own words, e.g. a row that nobody can read.
  void fail_with(problem);
  /// The first failure since the last call, if any.
  expected<void> result();

  /// From now on nothing is written once a leader with a later term has begun (`ledger::lead`).
  void obey(std::int64_t term) { term_ = term; }

 protected:
  /// Takes the one right to write; nobody else writes until `end_transaction`.
  virtual void begin_transaction() = 0;
  virtual void commit_transaction() = 0;
  /// Nothing if none is open.
  virtual void roll_back_transaction() = 0;
  virtual std::unique_ptr<prepared> prepare(const char* sql, use) = 0;
  /// Called when a failure is handed out.
  virtual void failure_told() {}

  void note_lost(bool lost) { lost_ = lost; }
  /// Statements that wait to be used again: by the address of their text, which is a constant of
  /// this library.
  std::map<std::pair<const char*, use>, std::unique_ptr<prepared>> idle_;

 private:
  friend class statement;
  friend class transaction;
  std::unique_ptr<prepared> borrow(const char* sql, use);
  void give_back(const char* sql, use, std::unique_ptr<prepared>);
  void check_term();

  std::optional<problem> failure_;
  bool lost_ = false;
  std::optional<std::int64_t> term_;
};

/// A write transaction: takes the write lock at once, rolls back unless committed.
class transaction {
 public:
  /// `ended` is called when it is over, for what was remembered meanwhile; `true`: committed.
  explicit transaction(
      connection&, std::function<void(bool)> ended = [](bool) {});
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  /// Commits, or rolls back and says what failed first.
  expected<void> commit();

 private:
  void roll_back();

  connection& owner_;
  std::function<void(bool)> ended_;
  bool open_ = true;
};

}  // namespace assay::storage
