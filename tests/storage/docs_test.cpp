// The queries of docs/ledger.md run on a ledger with some of everything in it.

#include <sqlite3.h>

#include <fstream>
#include <map>
#include <sstream>

#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

/// Question -> SQL: each ```sql block with the paragraph before it.
std::vector<std::pair<std::string, std::string>> documented_queries() {
  std::ifstream page("docs/ledger.md");
  std::vector<std::pair<std::string, std::string>> found;
  std::string line, paragraph, block;
  bool in_block = false;
  while (std::getline(page, line)) {
    if (line == "```sql") {
      in_block = true;
      block.clear();
    } else if (line == "```" && in_block) {
      in_block = false;
      found.emplace_back(paragraph, block);
    } else if (in_block) {
      block += line + "\n";
    } else if (!line.empty()) {
      paragraph = line;
    }
  }
  return found;
}

using table = std::vector<std::vector<std::string>>;

table ask(const std::string& file, const std::string& query) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  table rows;
  char* error = nullptr;
  auto add = [](void* into, int count, char** values, char**) {
    auto& row = static_cast<table*>(into)->emplace_back();
    for (int i = 0; i < count; ++i) row.emplace_back(values[i] ? values[i] : "NULL");
    return 0;
  };
  sqlite3_exec(db, query.c_str(), add, &rows, &error);
  if (error) FAIL(query << ": " << error);
  sqlite3_close(db);
  return rows;
}

/// Four samples by two models: small answers three (one wrong) and fails one, large answers two.
void fill(store& s) {
  auto by_model = [](std::size_t i) {
    auto t = make_task(i / 2);
    t.key = hash_parts({"docs", std::to_string(i)});
    t.where.model = i % 2 ? "large" : "small";
    return t;
  };
  must(s.db->put_tasks(s.run, 8, by_model));
  commit_batch batch{s.run, {}, {}};
  for (std::size_t i : {0u, 1u, 2u, 3u, 4u, 6u}) {
    auto r = i == 6 ? failed(0, error_class::timeout, 5000) : answered(0, i == 2 ? "7" : "1");
    r.asked = by_model(i);
    r.got.key = r.asked.key;
    batch.records.push_back(r);
    if (i != 6)
      batch.verdicts.push_back({r.got.key, "exact", "v1", true, i == 2 ? 0.0 : 1.0, "1", ""});
  }
  must(s.db->commit(batch, anchor()));
}

}  // namespace

TEST_CASE("the queries of docs/ledger.md answer their questions") {
  store s;
  fill(s);
  const std::map<std::string, table> answers{
      {"How far are the runs?",
       {{"1", "answered", "5"}, {"1", "error", "1"}, {"1", "missing", "2"}}},
      {"verdict and does not count as wrong; `coverage` is the part of the run that has a score.",
       {{"large", "plain", "exact", "1.0", "2", "0.5"},
        {"small", "plain", "exact", "0.666666666666667", "3", "0.75"}}},
      {"The same by tag:", {{"sum", "exact", "0.8", "5"}}},
      {"Which answers were wrong?", {{"sample-1", "small", "1", "[\"2\"]", "7"}}},
      {"What failed, and why?", {{"left", "timeout", "NULL", "1"}}},
      {"How did the provider behave: requests, errors, latency?",
       {{"left", "large", "2", "0", "0", "100.0", "100.0"},
        {"left", "small", "4", "0", "1", "100.0", "100.0"}}},
      {"What did it cost, and how much of that brought no answer?", {{"left", "3.0", "0.5"}}},
      {"of them.", {{"1970-01-01 00:16:40", "5.0"}, {"1970-01-01 00:16:45", "1.0"}}},
      {"How many calls did it take, and how many answers were copies?", {{"6.0", "6", "0"}}},
      {"What exactly was asked?", {{"user", "0+1?"}, {"user", "0+1?"}}},
      {"Which answers differ between two models?", {{"sample-1", "7", "1"}}},
  };
  auto queries = documented_queries();
  CHECK(queries.size() == answers.size());
  for (const auto& [question, query] : queries) {
    INFO(question);
    REQUIRE(answers.contains(question));
    CHECK(ask(s.folder.file("l.db"), query) == answers.at(question));
  }
}

TEST_CASE("docs/ledger.md names every table and view of the ledger") {
  store s;
  std::stringstream page;
  page << std::ifstream("docs/ledger.md").rdbuf();
  auto text = page.str();
  for (const auto& row :
       ask(s.folder.file("l.db"), "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"))
    CHECK(text.find("`" + row[0] + "`") != std::string::npos);
}
