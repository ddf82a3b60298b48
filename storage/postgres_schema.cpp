#include "storage/postgres_schema.hpp"

#include "storage/postgres_text.hpp"

namespace assay::storage {

namespace {

/// What SQLite brings along and the views use.
constexpr char functions[] = R"sql(
CREATE FUNCTION hex(bytea) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT upper(encode($1, 'hex')) $$;
CREATE FUNCTION datetime(bigint, text) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT to_char(to_timestamp($1) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') $$;
CREATE TABLE assay_ledger (version BIGINT NOT NULL);
INSERT INTO assay_ledger VALUES (0);
)sql";

bool is_marked(connection& db) {
  return db.integer(
             "SELECT count(*) FROM pg_class WHERE relname = 'assay_ledger' "
             "AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = "
             "current_schema())") != 0;
}

}  // namespace

expected<std::int64_t> version_of(postgres_connection& db) {
  if (auto opened = db.result(); !opened) return tl::make_unexpected(opened.error());
  auto version = is_marked(db) ? db.integer("SELECT version FROM assay_ledger") : 0;
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  if (version > newest_schema)
    return fail(db.name(),
                "this ledger was written by a newer assay (schema " + std::to_string(version) +
                    ", this one knows " + std::to_string(newest_schema) + ")",
                "update assay, or name another ledger");
  return version;
}

namespace {

expected<void> check_server(postgres_connection& db) {
  if (auto encoding = db.server_parameter("server_encoding"); encoding != "UTF8")
    return fail(db.name(), "the database has the encoding " + encoding + ", a ledger needs UTF8",
                "make it with `createdb -E UTF8 -T template0`");
  bool any = db.integer("SELECT count(current_schema())") != 0;
  if (auto read = db.result(); !read) return read;
  if (!any)
    return fail(db.name(), "the schema of this address does not exist", "CREATE SCHEMA makes one");
  return {};
}

expected<void> check_empty(postgres_connection& db) {
  auto tables = db.integer(
      "SELECT count(*) FROM pg_class WHERE relkind = 'r' "
      "AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())");
  if (auto read = db.result(); !read) return read;
  if (tables == 0) return {};
  return fail(db.name(), "this schema holds tables of another program, not a ledger",
              "name an empty database, or a schema with `?options=-csearch_path%3DNAME`");
}

/// All in one transaction, under the write lock: another process may do the same at the same time.
expected<void> migrate(postgres_connection& db) {
  transaction change(db);
  if (!db.failed() && !is_marked(db)) {
    if (auto empty = check_empty(db); !empty) return empty;
    db.run_script(functions);
  }
  for (auto version = db.integer("SELECT version FROM assay_ledger");
       !db.failed() && version < newest_schema; ++version)
    db.run_script(to_postgres_schema(migration_from(version)));
  db.run_script("UPDATE assay_ledger SET version = " + std::to_string(newest_schema));
  return change.commit();
}

}  // namespace

expected<void> prepare_ledger(postgres_connection& db) {
  if (auto opened = db.result(); !opened) return opened;
  if (auto fit = check_server(db); !fit) return fit;
  auto version = version_of(db);
  if (!version) return tl::make_unexpected(version.error());
  return *version < newest_schema ? migrate(db) : expected<void>{};
}

}  // namespace assay::storage
