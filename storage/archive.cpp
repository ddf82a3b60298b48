#include "storage/archive.hpp"

#include <filesystem>

#include "storage/database_ledger.hpp"
#include "storage/gzip_file.hpp"
#include "storage/migrations.hpp"
#include "storage/run_scope.hpp"

namespace assay::storage {

namespace {

constexpr char get_another[] = "take another copy of the file";

/// The first row of the scope's runs that is the run itself.
expected<archive_header> describe(connection& db, run_id run, run_scope& scope) {
  archive_header header{newest_schema, run, {}, {}, scope.contents()};
  statement row(db, "SELECT experiment, fingerprint FROM runs WHERE id = ? AND state <> 3");
  bool found = row.start(run).step();
  if (found) {
    header.experiment = row.text(0);
    header.fingerprint = row.text(1);
  }
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  if (!found)
    return fail(db.name(), "there is no run " + std::to_string(run), "`assay runs` lists them");
  return header;
}

std::size_t table_named(std::string_view name) {
  const auto& tables = tables_of_a_ledger();
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (tables[i].name == name) return i;
  return tables.size();
}

/// Takes care that nothing is lost with what has the name already; true if it may stay.
expected<bool> check_earlier(const std::string& path, const archive_header& wanted) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return false;
  auto earlier = read_archive(path);
  if (!earlier)
    return fail(
        path,
        "there is a file of this name, and it is no sound archive: " + render(earlier.error()),
        "move it away");
  if (*earlier == wanted) return true;
  auto outcomes = table_named("outcomes");
  if (earlier->experiment != wanted.experiment || earlier->fingerprint != wanted.fingerprint)
    return fail(path, "there is the archive of another run under this name",
                "move it away, or name another folder");
  if (earlier->contents[outcomes].rows > wanted.contents[outcomes].rows)
    return fail(path, "there is an archive of this run that holds more than the ledger",
                "move it away");
  return false;
}

void write_rows(run_scope& scope, const archive_header& header, gzip_writer& file) {
  auto line = header_line(header);
  file.write(line);
  for (const auto& table : tables_of_a_ledger())
    scope.each(table, [&](const table_row& row) {
      line.clear();
      row_line(table, row, line);
      file.write(line);
    });
}

// -- reading --------------------------------------------------------------------------------------

/// Whether rows come as they must: table by table, ids ascending, as many as the header says.
class row_order {
 public:
  explicit row_order(const archive_header& header) : header_(header) {
    seen_.resize(header.contents.size());
  }

  expected<void> add(const archived_row& row, const std::string& where) {
    const auto& table = tables_of_a_ledger()[row.table];
    if (row.table < table_)
      return fail(where, "a row of `" + table.name + "` too late", get_another);
    if (row.table > table_) last_id_.reset();
    table_ = row.table;
    if (table.has_id()) {
      auto id = std::get_if<std::int64_t>(&row.values[0]);
      if (!id || *id <= 0 || (last_id_ && *id <= *last_id_))
        return fail(where, "an id of `" + table.name + "` is out of order", get_another);
      last_id_ = *id;
    }
    seen_[table_].add(row.values);
    return {};
  }

  expected<void> finish(const std::string& where) const {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      const auto& table = tables_of_a_ledger()[i].name;
      if (seen_[i].rows != header_.contents[i].rows)
        return fail(where,
                    "the archive has " + std::to_string(seen_[i].rows) + " rows of `" + table +
                        "`, its header says " + std::to_string(header_.contents[i].rows),
                    get_another);
      if (seen_[i] != header_.contents[i])
        return fail(where, "the rows of `" + table + "` are not those that were archived",
                    get_another);
    }
    return {};
  }

 private:
  const archive_header& header_;
  std::vector<content> seen_;
  std::size_t table_ = 0;
  std::optional<std::int64_t> last_id_;
};

}  // namespace

expected<archive_header> read_archive_lines(
    const archive_lines& lines, const std::function<expected<void>(archived_row)>& visit) {
  if (!lines.next()) return fail(lines.where(), "the archive is empty", get_another);
  auto header = read_header(lines.line(), lines.where());
  if (!header) return header;
  row_order order(*header);
  while (lines.next()) {
    auto row = read_row_line(lines.line(), lines.where());
    if (!row) return tl::make_unexpected(row.error());
    if (auto fits = order.add(*row, lines.where()); !fits) return tl::make_unexpected(fits.error());
    if (auto done = visit(std::move(*row)); !done) return tl::make_unexpected(done.error());
  }
  if (auto whole = order.finish(lines.where()); !whole) return tl::make_unexpected(whole.error());
  return header;
}

/// What is wrong with the file itself comes before what its lines lack for that reason.
expected<archive_header> read_archive(const std::string& path,
                                      const std::function<expected<void>(archived_row)>& visit) {
  gzip_lines file(path);
  auto read = read_archive_lines(
      {[&] { return file.next(); }, [&] { return file.line(); }, [&] { return file.where(); }},
      visit);
  if (auto sound = file.result(); !sound) return tl::make_unexpected(sound.error());
  return read;
}

expected<archive_header> describe_run(ledger& from, run_id run) {
  auto& db = dynamic_cast<database_ledger&>(from).database();
  run_scope scope(db, run);
  return describe(db, run, scope);
}

expected<archive_header> write_archive(ledger& from, run_id run, const std::string& path) {
  auto& db = dynamic_cast<database_ledger&>(from).database();
  run_scope scope(db, run);
  auto header = describe(db, run, scope);
  if (!header) return header;
  auto there = check_earlier(path, *header);
  if (!there) return tl::make_unexpected(there.error());
  if (*there) return header;
  gzip_writer file(path);
  write_rows(scope, *header, file);
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  if (auto written = file.finish(); !written) return tl::make_unexpected(written.error());
  auto back = read_archive(file.temporary());
  if (!back)
    return fail(path, "what was written is not what the ledger holds: " + render(back.error()),
                "the ledger was written to meanwhile, or the disk fails: try again");
  if (auto named = file.publish(); !named) return tl::make_unexpected(named.error());
  return header;
}

}  // namespace assay::storage
