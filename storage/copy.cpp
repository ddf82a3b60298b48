#include "storage/copy.hpp"

#include <algorithm>

#include "storage/database_ledger.hpp"
#include "storage/table_row.hpp"

namespace assay::storage {

namespace {

constexpr std::int64_t rows_per_transaction = 20'000;

expected<content> read_content(connection& db, const table_layout& table) {
  content all;
  table_row values;
  statement row(db, table.select.c_str(), use::stream);
  row.start();
  while (row.step()) {
    read_row(row, table, values);
    all.add(values);
  }
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return all;
}

/// Adds the rows that the target does not have, in several transactions: a copy that breaks off is
/// taken up by the next one.
expected<void> copy_rows(connection& from, connection& to, const table_layout& table) {
  table_row values;
  statement row(from, table.select.c_str(), use::stream);
  row.start();
  for (bool more = true; more;) {
    transaction change(to);
    bulk insert(to, table.insert.c_str());
    for (std::int64_t n = 0; n < rows_per_transaction && (more = row.step()); ++n)
      insert.add_with([&](prepared& into) {
        read_row(row, table, values);
        bind_row(values, table, into);
      });
    insert.flush();
    if (auto read = from.result(); !read) return read;
    if (auto done = change.commit(); !done) return done;
  }
  return {};
}

expected<copied_table> copy_table(connection& from, connection& to, const table_layout& table) {
  auto source = read_content(from, table);
  if (!source) return tl::make_unexpected(source.error());
  auto before = read_content(to, table);
  if (!before) return tl::make_unexpected(before.error());
  if (*source != *before)
    if (auto done = copy_rows(from, to, table); !done) return tl::make_unexpected(done.error());
  auto after = read_content(to, table);
  if (!after) return tl::make_unexpected(after.error());
  if (*source != *after)
    return fail(to.name(),
                "the table `" + table.name + "` differs from that of " + from.name() + ": " +
                    std::to_string(after->rows) + " rows, " + std::to_string(source->rows) +
                    " there",
                "copy into a new ledger");
  return copied_table{table.name, source->rows, after->rows - before->rows};
}

/// Ids mean something else in a ledger with runs of its own.
expected<void> check_same_origin(ledger& from, ledger& to, const std::string& name) {
  auto source = from.runs(), target = to.runs();
  if (!source) return tl::make_unexpected(source.error());
  if (!target) return tl::make_unexpected(target.error());
  for (const auto& run : *target) {
    auto same = std::any_of(source->begin(), source->end(), [&](const auto& other) {
      return other.id == run.id && other.experiment == run.experiment &&
             other.fingerprint == run.fingerprint;
    });
    if (!same)
      return fail(name,
                  "this ledger has runs of its own, e.g. " + std::to_string(run.id) + " (" +
                      run.experiment + ")",
                  "copy into a new ledger");
  }
  return {};
}

}  // namespace

expected<std::vector<copied_table>> copy_ledger(
    ledger& from, ledger& to, const std::function<void(const copied_table&)>& told) {
  auto& source = dynamic_cast<database_ledger&>(from).database();
  auto& target = dynamic_cast<database_ledger&>(to).database();
  if (auto same = check_same_origin(from, to, target.name()); !same)
    return tl::make_unexpected(same.error());
  std::vector<copied_table> all;
  for (const auto& table : tables_of_a_ledger()) {
    auto done = copy_table(source, target, table);
    if (!done) return tl::make_unexpected(done.error());
    told(*done);
    all.push_back(std::move(*done));
  }
  return all;
}

}  // namespace assay::storage
