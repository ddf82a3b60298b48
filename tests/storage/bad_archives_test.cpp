#include "storage/restore.hpp"

#include "tests/storage/archives.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

/// Restoring the file fails with this message, and changes nothing.
void check_refused(store& to, const std::string& file, const std::string& message) {
  auto before = all_contents(*to.db);
  auto done = storage::restore_archive(*to.db, file);
  REQUIRE_FALSE(done.has_value());
  CHECK(render(done.error()) == file + message);
  CHECK(all_contents(*to.db) == before);
}

}  // namespace

TEST_CASE("what is no archive is refused with file and line") {
  on_every_ledger([](store& to) {
    auto file = to.folder.file("bad.gz");
    constexpr char ours[] = " (name an archive that `assay db archive` has written)";
    check_refused(to, file, ": cannot be read: No such file or directory (name an archive)");
    write_file(file, "plain text\n");
    check_refused(to, file, std::string(": this is not a compressed file") + ours);
    write_file(file, "");
    check_refused(to, file, ":0: the archive is empty (take another copy of the file)");
    compress(file, "{\"id\": 1}\n");
    check_refused(to, file, std::string(":1: this is not the archive of a run") + ours);
    compress(file, "not json");
    check_refused(to, file, std::string(":1: this is not the archive of a run") + ours);
    compress(file, R"({"assay_archive":2,"schema":1})");
    check_refused(to, file, ":1: this archive was written by a newer assay (update assay)");
    compress(file, R"({"assay_archive":1,"schema":1000})");
    check_refused(to, file, ":1: this archive was written by a newer assay (update assay)");
  });
}

TEST_CASE("a damaged or cut archive is refused, wherever the damage is") {
  store from;
  fill_with_everything(from);
  auto bytes = read_file(archive(from));
  store to(ledger_kinds()[0], no_run);
  auto file = to.folder.file("bad.gz");
  for (std::size_t at = 1; at < bytes.size(); at += 97) {
    write_file(file, bytes.substr(0, at));
    CHECK_FALSE(storage::restore_archive(*to.db, file).has_value());
  }
  for (std::size_t at = 10; at < bytes.size();
       at += 53) {  // the header's time and name do not count
    auto damaged = bytes;
    damaged[at] ^= 0x10;
    write_file(file, damaged);
    CHECK_FALSE(storage::restore_archive(*to.db, file).has_value());
  }
  CHECK(must(to.db->runs()).empty());
  write_file(file, bytes.substr(0, bytes.size() / 2));
  CHECK(what_of(storage::restore_archive(*to.db, file)) == "the file ends in the middle");
}

TEST_CASE("an archive of an older schema is read if its tables have not changed since") {
  store from;
  fill_with_everything(from);
  auto lines = unpack(archive(from));
  store to(ledger_kinds()[0], no_run);
  auto file = to.folder.file("old.gz");
  auto schema = "\"schema\":" + std::to_string(storage::newest_schema);
  auto at = lines[0].find(schema);
  REQUIRE(at != std::string::npos);
  lines[0].replace(at, schema.size(), "\"schema\":9");
  auto changed = lines;
  changed[0].replace(changed[0].find("\"text_digest\""), 13, "\"digest_text\"");
  compress(file, joined(changed));
  CHECK(what_of(storage::restore_archive(*to.db, file)).starts_with("this archive is of schema 9"));
  compress(file, joined(lines));
  CHECK(must(storage::restore_archive(*to.db, file)).run == from.run);
}

TEST_CASE("rows that are not those of the header are refused") {
  store from;
  fill_with_everything(from);
  auto lines = unpack(archive(from));
  store to(ledger_kinds()[0], no_run);
  auto file = to.folder.file("bad.gz");
  auto row = line_of(lines, "answers");
  auto last = std::to_string(lines.size());
  auto with = [&](std::vector<std::string> changed) {
    compress(file, joined(changed));
    return file;
  };

  auto fewer = lines;
  fewer.erase(fewer.begin() + row);
  check_refused(
      to, with(fewer),
      ":" + std::to_string(fewer.size()) +
          ": the archive has 1 rows of `answers`, its header says 2 (take another copy of "
          "the file)");
  auto forged = lines;
  forged[row].replace(forged[row].find("forty-two"), 9, "forty-one");
  check_refused(to, with(forged),
                ":" + last +
                    ": the rows of `answers` are not those that were archived (take another copy "
                    "of the file)");
  auto text = lines;
  text[row] = "hello";
  check_refused(to, with(text),
                ":" + std::to_string(row + 1) +
                    ": expected a row, {\"TABLE\":[...]} (take another copy of the file)");
  text[row] = R"({"answers":[1]})";
  check_refused(
      to, with(text),
      ":" + std::to_string(row + 1) +
          ": a row of `answers` with 1 values, expected 6 (take another copy of the file)");
  text[row] = R"({"answers":["1","","","","",""]})";
  check_refused(to, with(text),
                ":" + std::to_string(row + 1) +
                    ": `task` of `answers` is of another type (take another copy of the file)");
  text[row] = R"({"leases":[1]})";
  check_refused(to, with(text),
                ":" + std::to_string(row + 1) +
                    ": a row of an unknown table (take another copy of the file)");
  text[row] = lines[1];
  check_refused(
      to, with(text),
      ":" + std::to_string(row + 1) + ": a row of `runs` too late (take another copy of the file)");
}

TEST_CASE("nothing of an archive that lacks what its rows name is in the ledger afterwards") {
  on_every_ledger([](store& to) {
    store from;
    from.run = from.open_run("archived");
    fill_with_everything(from);
    auto file = to.folder.file("bad.gz");
    forge_without(archive(from), file, "cells");
    check_refused(to, file,
                  ": a row of `run_tasks` names one of `cells` that the archive does not hold "
                  "(take another copy of the file)");
  });
}
