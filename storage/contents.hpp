#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "messages/task.hpp"
#include "storage/connection.hpp"

namespace assay::storage {

/// Ids for new rows of a table, counted on from the largest. REQUIRES: a write transaction, and
/// `forget` at its end.
class new_ids {
 public:
  new_ids(connection& db, const char* largest_sql) : db_(db), largest_sql_(largest_sql) {}
  std::int64_t next() {
    if (!last_) last_ = db_.integer(largest_sql_);
    return ++*last_;
  }
  void forget() { last_.reset(); }

 private:
  connection& db_;
  const char* largest_sql_;
  std::optional<std::int64_t> last_;
};

/// Rows that many tasks share, each stored once and found by its hash. They are met one by one and
/// get their ids together, in the order in which they were met.
template <class Row>
class shared_rows {
 public:
  shared_rows(connection& db, const char* find_sql, const char* largest_sql)
      : db_(db), find_sql_(find_sql), ids_(db, largest_sql) {}

  /// `make()` gives the row; it is called if the hash was not met lately.
  template <class Make>
  void meet(const task_key& hash, Make make) {
    if (known_.try_emplace(hash, 0).second) met_.emplace_back(hash, make());
  }

  /// Calls `add(id, hash, row)` for each that the ledger does not have yet.
  template <class Add>
  void settle(Add add) {
    if (met_.empty()) return;
    inquiry find(db_, find_sql_);
    find.each(
        met_.size(), [&](std::size_t i, auto ask) { ask(met_[i].first); },
        [&](std::size_t i, const statement& row) { known_[met_[i].first] = row.integer(0); });
    for (const auto& [hash, row] : met_) {
      auto& id = known_[hash];
      if (id != 0 || db_.failed()) continue;
      id = ids_.next();
      add(id, hash, row);
    }
    met_.clear();
  }

  /// REQUIRES: met and settled since the last `trim`.
  std::int64_t id_of(const task_key& hash) const { return known_.at(hash); }

  /// Plans visit a sample's tasks one after the other, so few hashes need remembering.
  void trim() {
    if (known_.size() > 4096) known_.clear();
  }
  void forget() {
    known_.clear();
    met_.clear();
    ids_.forget();
  }

 private:
  connection& db_;
  const char* find_sql_;
  new_ids ids_;
  std::unordered_map<task_key, std::int64_t> known_;  ///< 0: met
  std::vector<std::pair<task_key, Row>> met_;
};

/// Gives contents that many tasks share (cells, samples, conversations, parameters) their ids and
/// stores each of them once. REQUIRES for all of it: a write transaction, and that what was met
/// lives until `settle`.
class contents {
 public:
  explicit contents(connection&);

  std::int64_t id_of(const cell&);

  // Each gives the hash that `..._id` takes after `settle`.
  task_key meet(const sample&);
  task_key meet(const std::vector<chat_message>&);
  task_key meet(const chat_request&, const std::vector<std::string>& providers);
  void settle();
  std::int64_t sample_id(const task_key& hash) const { return samples_.id_of(hash); }
  std::int64_t conversation_id(const task_key& hash) const { return conversations_.id_of(hash); }
  std::int64_t parameters_id(const task_key& hash) const { return parameters_.id_of(hash); }

  /// Before a new group of contents.
  void trim();
  /// After a transaction. What it gave ids to is void if it was not committed; another process may
  /// remove anything but cells afterwards.
  void forget(bool committed);

 private:
  struct sample_row {
    const sample* what;
    std::string tags, targets, choices, fields;
  };
  struct parameters_row {
    const chat_request* what;
    std::string stop, tools, providers;
  };

  connection& db_;
  new_ids cell_ids_;
  std::map<cell, std::int64_t> cells_;
  shared_rows<sample_row> samples_;
  shared_rows<std::string> conversations_;
  shared_rows<parameters_row> parameters_;
};

}  // namespace assay::storage
