#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/past_run.hpp"
#include "app/cli/retention.hpp"
#include "storage/copy.hpp"
#include "storage/migrate.hpp"

namespace assay::cli {

namespace {

int migrate(const std::string& where, const globals& options) {
  if (!storage::may_exist(where))
    return complain({where, "there is no ledger here", "name one, or see `assay run`"});
  auto done = storage::migrate_ledger(where);
  if (!done) return complain(done.error());
  if (options.json)
    std::printf("%s\n",
                nlohmann::ordered_json{{"from", done->from}, {"to", done->to}}.dump().c_str());
  else if (done->from == done->to)
    std::printf("%s: schema %lld, the newest\n", where.c_str(), static_cast<long long>(done->to));
  else if (done->from == 0)
    std::printf("%s: a new ledger of schema %lld\n", where.c_str(),
                static_cast<long long>(done->to));
  else
    std::printf("%s: schema %lld -> %lld\n", where.c_str(), static_cast<long long>(done->from),
                static_cast<long long>(done->to));
  return success;
}

int copy(const std::string& source, const std::string& target, const globals& options) {
  auto from = open_existing(source);
  if (!from) return complain(from.error());
  auto to = storage::open_ledger(target);
  if (!to) return complain(to.error());
  auto tell = [&](const storage::copied_table& table) {
    if (!options.quiet && !options.json)
      std::printf("%-16s %10lld rows, %lld new\n", table.name.c_str(),
                  static_cast<long long>(table.rows), static_cast<long long>(table.added));
    std::fflush(stdout);
  };
  auto done = storage::copy_ledger(**from, **to, tell);
  if (!done) return complain(done.error());
  if (options.json) {
    auto tables = nlohmann::ordered_json::array();
    for (const auto& t : *done)
      tables.push_back({{"table", t.name}, {"rows", t.rows}, {"added", t.added}});
    std::printf("%s\n", nlohmann::ordered_json{{"tables", tables}}.dump().c_str());
  } else if (!options.quiet) {
    std::printf("both ledgers hold the same\n");
  }
  return success;
}

}  // namespace

void add_db(CLI::App& app, globals& options, action& chosen) {
  auto* db = app.add_subcommand(
      "db", "Look after ledgers: bring them up to date, copy them, archive old runs");
  db->require_subcommand(1);

  auto where = std::make_shared<std::string>();
  auto* up = db->add_subcommand("migrate", "Bring a ledger to the newest version of its schema");
  up->add_option("LEDGER", *where,
                 "A path, or postgresql://USER@HOST/DATABASE (default: --ledger)");
  up->callback([&options, &chosen, where] {
    chosen = [&options, where] {
      return migrate(where->empty() ? ledger_path(options) : *where, options);
    };
  });

  auto from = std::make_shared<std::string>(), to = std::make_shared<std::string>();
  auto* copying = db->add_subcommand(
      "copy", "Copy all records into an empty ledger, e.g. from a file to a server, and compare");
  copying->add_option("FROM", *from, "A path, or postgresql://USER@HOST/DATABASE")->required();
  copying->add_option("TO", *to, "The same; made if it is not there")->required();
  copying->callback([&options, &chosen, from, to] {
    chosen = [&options, from, to] { return copy(*from, *to, options); };
  });

  add_retention(*db, options, chosen);
}

}  // namespace assay::cli
