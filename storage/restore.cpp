#include "storage/restore.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "storage/database_ledger.hpp"
#include "storage/id_map.hpp"

namespace assay::storage {

namespace {

constexpr std::size_t rows_at_once = 1'000;
constexpr std::size_t bytes_at_once = 4 << 20;
constexpr auto in_error = static_cast<std::int64_t>(outcome_status::error);

/// Columns of `outcomes` that differ where two answers differ.
constexpr char held_outcome[] =
    "SELECT status, sent_ns, done_ns, text_digest, provider FROM outcomes WHERE task = ?";
constexpr const char* telling_columns[] = {"status", "sent_ns", "done_ns", "text_digest",
                                           "provider"};

std::size_t column_of(const table_layout& table, std::string_view name) {
  std::size_t i = 0;
  while (i < table.columns.size() && table.columns[i] != name) ++i;
  return i;
}

std::int64_t integer_of(const column_value& value) {
  auto number = std::get_if<std::int64_t>(&value);
  return number ? *number : 0;
}

/// Puts the rows of one archive into a ledger. REQUIRES: a write transaction.
class restorer {
 public:
  restorer(connection& db, run_id archived, std::string path)
      : db_(db), archived_run_(archived), path_(std::move(path)) {}

  expected<void> add(archived_row row) {
    if (!group_.empty() && (group_.front().table != row.table || group_.size() >= rows_at_once ||
                            bytes_ >= bytes_at_once))
      if (auto done = flush(); !done) return done;
    for (const auto& text : row.texts) bytes_ += text.size();
    group_.push_back(std::move(row));
    return {};
  }

  expected<void> flush() {
    if (group_.empty()) return {};
    const auto& table = tables_of_a_ledger()[group_.front().table];
    if (auto known = translate(table); !known) return known;
    if (table.name == "runs") remove_pruned();
    if (table.name == "outcomes") settle_outcomes(table);
    if (table.name == "answers" || table.name == "verdicts") leave_out_other_answers();
    insert(table);
    group_.clear();
    bytes_ = 0;
    return db_.result();
  }

  run_id run() const { return ids_.at("runs").find(archived_run_).value_or(0); }
  std::int64_t other_answers() const { return static_cast<std::int64_t>(other_answers_.size()); }

 private:
  /// Gives the rows of the group the ids that they, and what they refer to, have in the ledger.
  expected<void> translate(const table_layout& table) {
    for (auto& row : group_)
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (auto there = lead_to(table, i, row.values[i]); !there) return there;
    if (!table.has_id()) return {};
    auto known = find_known(table);
    for (std::size_t i = 0; i < group_.size(); ++i) {
      auto& id = group_[i].values[0];
      auto old = integer_of(id);
      id = known[i] != 0 ? known[i] : new_id(table, old);
      ids_[table.name].add(old, integer_of(id));
    }
    return db_.result();
  }

  expected<void> lead_to(const table_layout& table, std::size_t column, column_value& value) {
    const auto& target = table.refers_to[column];
    auto old = std::get_if<std::int64_t>(&value);
    if (target.empty() || !old) return {};
    auto id = ids_[target].find(*old);
    if (!id)
      return fail(path_,
                  "a row of `" + table.name + "` names one of `" + target +
                      "` that the archive does not hold",
                  "take another copy of the file");
    value = *id;
    return {};
  }

  /// The ids of those that the ledger has; 0 for the others.
  std::vector<std::int64_t> find_known(const table_layout& table) {
    std::vector<std::int64_t> known(group_.size());
    if (table.tells_apart.empty()) return known;
    inquiry find(db_, table.find.c_str());
    find.each_with(
        group_.size(),
        [&](std::size_t i, prepared& into) { bind_key(group_[i].values, table, into); },
        [&](std::size_t i, const statement& row) { known[i] = row.integer(0); });
    return known;
  }

  static void bind_key(const table_row& row, const table_layout& table, prepared& into) {
    int index = 0;
    for (auto i : table.tells_apart) bind_value(row[i], table.types[i], ++index, into);
  }

  /// Ids move up together, so that they keep their distances.
  std::int64_t new_id(const table_layout& table, std::int64_t old) {
    if (table.name == "runs") return new_run_id(table, old);
    auto [at, fresh] = shifts_.try_emplace(table.name, 0);
    if (fresh) at->second = std::max<std::int64_t>(0, db_.integer(table.largest.c_str()) + 1 - old);
    return old + at->second;
  }

  /// The old one if that is free, else one that is none of the archive's either.
  std::int64_t new_run_id(const table_layout& table, std::int64_t old) {
    statement taken(db_, "SELECT id FROM runs WHERE id = ?");
    if (!taken.start(old).step()) return old;
    auto& last = shifts_[table.name];
    last =
        std::max({last, db_.integer(table.largest.c_str()), integer_of(group_.back().values[0])});
    return ++last;
  }

  /// A pruned run comes back under its id.
  void remove_pruned() { statement(db_, "DELETE FROM runs WHERE id = ? AND state = 3").run(run()); }

  /// Makes room for answers where the ledger has an error, and notes the tasks to which it has
  /// another answer.
  void settle_outcomes(const table_layout& table) {
    auto status = column_of(table, "status");
    std::vector<std::int64_t> tasks, wanting;
    for (const auto& row : group_) tasks.push_back(integer_of(row.values[0]));
    inquiry held(db_, held_outcome);
    held.each_of(tasks, [&](std::size_t i, const statement& found) {
      const auto& row = group_[i].values;
      if (found.integer(0) == in_error && integer_of(row[status]) != in_error)
        wanting.push_back(tasks[i]);
      else if (found.integer(0) != in_error && !is_same(found, table, row))
        other_answers_.insert(tasks[i]);
    });
    bulk answers(db_, "DELETE FROM answers WHERE task = ?");
    bulk verdicts(db_, "DELETE FROM verdicts WHERE task = ?");
    bulk outcomes(db_, "DELETE FROM outcomes WHERE task = ?");
    for (auto* rows : {&answers, &verdicts, &outcomes}) {
      for (auto task : wanting) rows->add(task);
      rows->flush();
    }
  }

  static bool is_same(const statement& held, const table_layout& table, const table_row& row) {
    table_layout telling;
    table_row mine, theirs;
    for (auto name : telling_columns) {
      auto i = column_of(table, name);
      telling.types.push_back(table.types[i]);
      theirs.push_back(row[i]);
    }
    read_row(held, telling, mine);
    return mine == theirs;
  }

  void leave_out_other_answers() {
    std::erase_if(group_, [&](const auto& row) {
      return other_answers_.contains(integer_of(row.values[0]));
    });
  }

  void insert(const table_layout& table) {
    bulk rows(db_, table.insert.c_str());
    for (const auto& row : group_)
      rows.add_with([&](prepared& into) { bind_row(row.values, table, into); });
    rows.flush();
  }

  connection& db_;
  run_id archived_run_;
  std::string path_;
  std::vector<archived_row> group_;
  std::size_t bytes_ = 0;
  std::map<std::string, id_map> ids_;           ///< by table
  std::map<std::string, std::int64_t> shifts_;  ///< of new ids, by table; of runs the last one
  std::set<std::int64_t> other_answers_;        ///< tasks
};

/// The run of the archive if the ledger has it.
expected<run_id> find_run(connection& db, const archive_header& header) {
  statement row(db, "SELECT id FROM runs WHERE experiment = ? AND fingerprint = ? AND state <> 3");
  run_id found = row.start(header.experiment, header.fingerprint).step() ? row.integer(0) : 0;
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return found;
}

}  // namespace

/// The whole archive is read before anything is written.
expected<restored_run> restore_archive(ledger& into, const std::string& path) {
  auto& db = dynamic_cast<database_ledger&>(into).database();
  auto header = read_archive(path);
  if (!header) return tl::make_unexpected(header.error());
  const auto& tables = tables_of_a_ledger();
  restored_run done{0, header->experiment};
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (tables[i].name == "run_tasks") done.tasks = header->contents[i].rows;
  transaction change(db);
  auto there = find_run(db, *header);
  if (!there) return tl::make_unexpected(there.error());
  done.run = *there;
  done.was_there = *there != 0;
  if (done.was_there) return done;
  restorer rows(db, header->run, path);
  auto again = read_archive(path, [&](archived_row row) { return rows.add(std::move(row)); });
  if (!again) return tl::make_unexpected(again.error());
  if (auto flushed = rows.flush(); !flushed) return tl::make_unexpected(flushed.error());
  done.run = rows.run();
  done.other_answers = rows.other_answers();
  if (auto committed = change.commit(); !committed) return tl::make_unexpected(committed.error());
  return done;
}

}  // namespace assay::storage
