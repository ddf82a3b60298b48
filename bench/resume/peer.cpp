#include "bench/resume/peer.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace assay::bench {

namespace {

constexpr char query[] =
    "SELECT lower(hex(t.key)), o.status, c.messages, x.targets, x.choices, x.fields, s.tags, "
    "x.input, a.text, a.reasoning, a.refusal, o.* FROM tasks t "
    "JOIN run_tasks r ON r.task = t.id JOIN conversations c ON c.id = t.conversation "
    "JOIN samples s ON s.id = r.sample JOIN sample_texts x ON x.sample = s.id "
    "JOIN outcomes o ON o.task = t.id JOIN answers a ON a.task = t.id";
constexpr int first_json = 2, end_json = 7;

std::string text(sqlite3_stmt* row, int column) {
  auto data = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return data ? std::string(data, sqlite3_column_bytes(row, column)) : std::string();
}

}  // namespace

std::unordered_set<std::string> answered_keys(const std::string& file) {
  sqlite3* db = nullptr;
  sqlite3_stmt* row = nullptr;
  if (sqlite3_open(file.c_str(), &db) != SQLITE_OK ||
      sqlite3_prepare_v2(db, query, -1, &row, nullptr) != SQLITE_OK) {
    std::fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    std::exit(1);
  }
  std::unordered_set<std::string> keys;
  while (sqlite3_step(row) == SQLITE_ROW) {
    nlohmann::json document;
    for (int i = 1; i < sqlite3_column_count(row); ++i) {
      bool json = i >= first_json && i < end_json;
      auto name = sqlite3_column_name(row, i);
      if (json)
        document[name] = nlohmann::json::parse(text(row, i), nullptr, false);
      else
        document[name] = text(row, i);
    }
    if (document["status"] != "3") keys.insert(text(row, 0));
  }
  sqlite3_finalize(row);
  sqlite3_close(db);
  return keys;
}

}  // namespace assay::bench
