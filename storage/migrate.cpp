#include "storage/migrate.hpp"

#include "storage/ledger.hpp"
#include "storage/postgres_schema.hpp"
#include "storage/sqlite_connection.hpp"

namespace assay::storage {

namespace {

constexpr milliseconds busy_timeout{10'000};

expected<std::int64_t> version_in_file(const std::string& path) {
  if (!may_exist(path)) return 0;
  sqlite_connection db(path, busy_timeout);
  auto version = db.integer("PRAGMA user_version");
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return version;
}

expected<std::int64_t> version_on_server(const std::string& url) {
  auto address = read_address(url);
  if (!address) return tl::make_unexpected(address.error());
  postgres_connection db(*address, busy_timeout);
  return version_of(db);
}

}  // namespace

expected<migrated> migrate_ledger(const std::string& where) {
  auto before = is_server(where) ? version_on_server(where) : version_in_file(where);
  if (!before) return tl::make_unexpected(before.error());
  if (auto opened = open_ledger(where); !opened) return tl::make_unexpected(opened.error());
  return migrated{*before, newest_schema};
}

}  // namespace assay::storage
