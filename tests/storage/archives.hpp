#pragma once

#include <algorithm>

#include "storage/archive.hpp"
#include "storage/database_ledger.hpp"
#include "storage/gzip_file.hpp"
#include "tests/storage/rich_record.hpp"
#include "tests/storage/sqlite_file.hpp"

/// Archives to restore and to spoil.
namespace assay::tests {

/// Writes the archive of a run beside the store.
inline std::string archive(store& s, run_id run = 0) {
  run = run ? run : s.run;
  auto file = s.folder.file("run" + std::to_string(run) + ".jsonl.gz");
  must(storage::write_archive(*s.db, run, file));
  return file;
}

inline void compress(const std::string& file, const std::string& text) {
  storage::gzip_writer out(file);
  out.write(text);
  must(out.finish());
  must(out.publish());
}

inline std::vector<std::string> unpack(const std::string& file) {
  std::vector<std::string> lines;
  storage::gzip_lines in(file);
  while (in.next()) lines.emplace_back(in.line());
  must(in.result());
  return lines;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

/// The index of the first row of a table.
inline std::size_t line_of(const std::vector<std::string>& lines, const std::string& table) {
  auto begin = "{\"" + table + "\":";
  auto found = std::find_if(lines.begin(), lines.end(),
                            [&](const auto& line) { return line.starts_with(begin); });
  REQUIRE(found != lines.end());
  return static_cast<std::size_t>(found - lines.begin());
}

/// An archive without the rows of a table, whose header says so.
inline void forge_without(const std::string& from, const std::string& to,
                          const std::string& table) {
  auto header = must(storage::read_archive(from));
  const auto& tables = storage::tables_of_a_ledger();
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (tables[i].name == table) header.contents[i] = {};
  auto lines = unpack(from);
  lines.erase(lines.begin());
  std::erase_if(lines, [&](const auto& l) { return l.starts_with("{\"" + table + "\":"); });
  compress(to, storage::header_line(header) + joined(lines));
}

/// What each table of a ledger holds, in the order of `tables_of_a_ledger`.
inline std::vector<storage::content> all_contents(ledger& db) {
  auto& from = dynamic_cast<storage::database_ledger&>(db).database();
  std::vector<storage::content> all;
  for (const auto& table : storage::tables_of_a_ledger()) {
    auto& sum = all.emplace_back();
    storage::table_row values;
    storage::statement row(from, table.select.c_str());
    row.start();
    while (row.step()) {
      storage::read_row(row, table, values);
      sum.add(values);
    }
  }
  must(from.result());
  return all;
}

inline void check_same_rows(const std::vector<storage::ledger_row>& found,
                            const std::vector<storage::ledger_row>& wanted) {
  REQUIRE(found.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CHECK(found[i].what == wanted[i].what);
    CHECK(found[i].verdicts == wanted[i].verdicts);
    CHECK(found[i].has_outcome == wanted[i].has_outcome);
  }
}

inline void check_same_run(ledger& one, run_id first, ledger& other, run_id second) {
  check_same_rows(all_rows(other, second), all_rows(one, first));
  CHECK(must(other.missing(second)) == must(one.missing(first)));
  CHECK(must(other.judges_of(second)) == must(one.judges_of(first)));
  CHECK(all_attempts(other, second).size() == all_attempts(one, first).size());
  auto mine = must(one.find_run(std::to_string(first)));
  auto theirs = must(other.find_run(std::to_string(second)));
  CHECK(theirs.fingerprint == mine.fingerprint);
  CHECK(theirs.state == mine.state);
  CHECK(theirs.opened_unix_ns == mine.opened_unix_ns);
}

/// A call that serves task `i`.
inline record step_of(std::size_t i, const std::string& mode) {
  auto made = answered(i, "step", 50);
  made.asked.parent = made.asked.key;
  made.asked.key = hash_parts({"step of", std::to_string(i)});
  made.asked.where.mode = mode;
  made.got.key = made.asked.key;
  return made;
}

/// The provider's batches of the run are collected.
inline void close_batches(store& s) {
  for (const auto& batch : must(s.db->open_batches(s.run)))
    must(s.db->change_batch(batch.id, batch_state::collected, "", 9));
}

template <class T>
std::string what_of(const expected<T>& result) {
  return result ? "no problem" : result.error().what;
}

}  // namespace assay::tests
