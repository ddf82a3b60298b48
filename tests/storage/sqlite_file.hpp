#pragma once

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "storage/sqlite_schema.hpp"
#include "tests/storage/stores.hpp"

/// The file of a SQLite ledger, seen from outside.
namespace assay::tests {

/// Runs SQL on a file with the plain library, as another program would.
inline void sql(const std::string& file, const std::string& text) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  char* error = nullptr;
  sqlite3_exec(db, text.c_str(), nullptr, nullptr, &error);
  if (error) FAIL(error);
  sqlite3_close(db);
}

inline std::int64_t number(const std::string& file, const std::string& query) {
  storage::sqlite_connection db(file, milliseconds(1000));
  auto result = db.integer(query.c_str());
  must(db.result());
  return result;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline problem refusal(const std::string& path, milliseconds wait = milliseconds(10'000)) {
  auto opened = storage::open_sqlite(path, wait);
  if (opened) FAIL("opened " << path);
  return opened.error();
}

/// True if `check` is true in a child process, which may give up its rights.
inline bool holds_in_child(const std::function<bool()>& check) {
  auto child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace assay::tests
