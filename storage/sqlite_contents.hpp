#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "messages/task.hpp"
#include "storage/sqlite_connection.hpp"

namespace assay::storage {

/// Gives contents that many tasks share (cells, samples, conversations, parameters) their ids and
/// stores each of them once, found by its hash. REQUIRES for all `id_of`: a write transaction.
class contents {
 public:
  explicit contents(connection& db) : db_(db) {}

  std::int64_t id_of(const cell&);
  std::int64_t id_of(const sample&);
  std::int64_t id_of(const std::vector<chat_message>&);
  std::int64_t id_of(const chat_request&, const std::vector<std::string>& providers);

  /// Ids given since the last commit are void after a rollback.
  void forget();

 private:
  /// The id of a hash that was met lately, 0 if it was not.
  using recent_ids = std::unordered_map<task_key, std::int64_t>;

  std::int64_t find(const char* sql, const task_key& hash, recent_ids& recent);
  std::int64_t added(const task_key& hash, recent_ids& recent);

  connection& db_;
  std::map<cell, std::int64_t> cells_;
  recent_ids samples_, conversations_, parameters_;
};

}  // namespace assay::storage
