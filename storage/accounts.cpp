#include "storage/accounts.hpp"

#include "storage/columns.hpp"
#include "storage/json_text.hpp"
#include "storage/known_limits_json.hpp"

namespace assay::storage {

// -- limits ---------------------------------------------------------------------------------------

namespace {

account_limits read_limits(connection& db, const statement& row) {
  account_limits a{std::string(row.text(0)), std::string(row.text(1)), {}, row.integer(3)};
  require_sound(db, read_known_limits(row.text(2), a.limits), "limits of an account");
  return a;
}

}  // namespace

expected<void> save_limits_row(connection& db, run_id run, const account_limits& a) {
  transaction change(db);
  statement(db,
            "INSERT INTO known_limits VALUES (?, ?, ?, ?, ?) ON CONFLICT (run, provider) DO "
            "UPDATE SET account = excluded.account, limits = excluded.limits, "
            "saved_ns = excluded.saved_ns")
      .run(run, a.provider, a.account, known_limits_json(a.limits), a.saved_unix_ns);
  return change.commit();
}

expected<std::vector<account_limits>> limits_rows(connection& db, run_id run) {
  statement row(db,
                "SELECT provider, account, limits, saved_ns FROM known_limits WHERE run = ? "
                "ORDER BY provider");
  std::vector<account_limits> all;
  row.start(run);
  while (row.step()) all.push_back(read_limits(db, row));
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return all;
}

expected<std::optional<account_limits>> newest_limits_row(connection& db,
                                                          const std::string& account) {
  statement row(db,
                "SELECT provider, account, limits, saved_ns FROM known_limits WHERE account = ? "
                "ORDER BY saved_ns DESC LIMIT 1");
  std::optional<account_limits> newest;
  if (row.start(account).step()) newest = read_limits(db, row);
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return newest;
}

// -- batches --------------------------------------------------------------------------------------

namespace {

std::string keys_json(const std::vector<task_key>& keys) {
  std::vector<std::string> texts;
  texts.reserve(keys.size());
  for (const auto& key : keys) texts.push_back(to_string(key));
  return list_json(texts);
}

std::vector<task_key> read_keys(connection& db, std::string_view json) {
  std::vector<std::string> texts;
  require_sound(db, read_list(json, texts), "tasks of a batch");
  std::vector<task_key> keys;
  keys.reserve(texts.size());
  for (const auto& text : texts) keys.push_back(parse_task_key(text));
  return keys;
}

}  // namespace

expected<std::int64_t> add_batch_row(connection& db, const provider_batch& batch) {
  transaction change(db);
  auto id = db.integer("SELECT max(id) FROM provider_batches") + 1;
  statement insert(db,
                   "INSERT INTO provider_batches (id, run, provider, batch_id, state, "
                   "announced_ns, changed_ns, tasks) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  insert.run(id, batch.run, batch.provider, batch.batch_id, batch.state, batch.announced_unix_ns,
             batch.announced_unix_ns, keys_json(batch.tasks));
  if (auto done = change.commit(); !done) return tl::make_unexpected(done.error());
  return id;
}

expected<void> change_batch_row(connection& db, std::int64_t id, batch_state state,
                                const std::string& batch_id, std::int64_t unix_ns) {
  transaction change(db);
  statement(db,
            "UPDATE provider_batches SET state = ?, changed_ns = ?, "
            "batch_id = CASE ? WHEN '' THEN batch_id ELSE ? END WHERE id = ?")
      .run(state, unix_ns, batch_id, batch_id, id);
  return change.commit();
}

expected<std::vector<provider_batch>> open_batch_rows(connection& db, run_id run) {
  statement row(db,
                "SELECT id, provider, batch_id, state, announced_ns, changed_ns, tasks "
                "FROM provider_batches WHERE run = ? AND state < 2 ORDER BY id");
  std::vector<provider_batch> batches;
  row.start(run);
  while (row.step()) {
    auto state = stored_enum(db, row.integer(3), batch_state::lost, "state of a batch");
    batches.push_back({row.integer(0), run, std::string(row.text(1)), std::string(row.text(2)),
                       state, row.integer(4), row.integer(5), read_keys(db, row.text(6))});
  }
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return batches;
}

}  // namespace assay::storage
