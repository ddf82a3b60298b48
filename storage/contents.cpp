#include "storage/contents.hpp"

#include <charconv>

#include "storage/json_text.hpp"

namespace assay::storage {

namespace {

/// A number, absent or not, as an unambiguous part of a hash.
template <class T>
std::string part(const std::optional<T>& value) {
  if (!value) return {};
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, *value).ptr);
}

std::optional<std::int64_t> as_integer(const std::optional<bool>& value) {
  if (!value) return std::nullopt;
  return *value ? 1 : 0;
}

}  // namespace

contents::contents(connection& db)
    : db_(db),
      cell_ids_(db, "SELECT max(id) FROM cells"),
      samples_(db, "SELECT id FROM samples WHERE hash = ?", "SELECT max(id) FROM samples"),
      conversations_(db, "SELECT id FROM conversations WHERE hash = ?",
                     "SELECT max(id) FROM conversations"),
      parameters_(db, "SELECT id FROM parameters WHERE hash = ?",
                  "SELECT max(id) FROM parameters") {}

void contents::trim() {
  samples_.trim();
  conversations_.trim();
  parameters_.trim();
}

void contents::forget(bool committed) {
  if (!committed) cells_.clear();
  cell_ids_.forget();
  samples_.forget();
  conversations_.forget();
  parameters_.forget();
}

std::int64_t contents::id_of(const cell& c) {
  if (auto known = cells_.find(c); known != cells_.end()) return known->second;
  statement query(db_,
                  "SELECT id FROM cells WHERE dataset = ? AND model = ? AND prompt = ? AND "
                  "task_type = ? AND difficulty = ? AND mode = ?");
  query.start(c.dataset, c.model, c.prompt, c.task_type, c.difficulty, c.mode);
  if (query.step()) return cells_[c] = query.integer(0);
  auto id = cell_ids_.next();
  statement insert(db_,
                   "INSERT INTO cells (id, dataset, model, prompt, task_type, difficulty, mode) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?)");
  insert.run(id, c.dataset, c.model, c.prompt, c.task_type, c.difficulty, c.mode);
  if (db_.failed()) return 0;
  return cells_[c] = id;
}

task_key contents::meet(const sample& s) {
  sample_row row{&s, list_json(s.tags), list_json(s.targets), list_json(s.choices),
                 fields_json(s.fields)};
  auto hash = hash_parts(
      {s.id, s.task_type, s.difficulty, row.tags, s.input, row.targets, row.choices, row.fields});
  samples_.meet(hash, [&] { return std::move(row); });
  return hash;
}

task_key contents::meet(const std::vector<chat_message>& messages) {
  auto text = messages_json(messages);
  auto hash = hash_parts({text});
  conversations_.meet(hash, [&] { return std::move(text); });
  return hash;
}

task_key contents::meet(const chat_request& r, const std::vector<std::string>& providers) {
  parameters_row row{&r, list_json(r.stop), tools_json(r.tools), list_json(providers)};
  auto hash = hash_parts({r.model, part(r.max_tokens), part(r.temperature), part(r.top_p),
                          part(r.seed), row.stop, part(as_integer(r.reasoning)), r.extra_json,
                          r.stream ? "stream" : "", row.providers});
  if (!r.tools.empty() || r.to != endpoint::chat)
    hash =
        hash_parts({to_string(hash), row.tools, r.to == endpoint::embeddings ? "embeddings" : ""});
  parameters_.meet(hash, [&] { return std::move(row); });
  return hash;
}

void contents::settle() {
  bulk slim(db_,
            "INSERT INTO samples (id, hash, sample_id, task_type, difficulty, tags) "
            "VALUES (?, ?, ?, ?, ?, ?)");
  bulk texts(db_,
             "INSERT INTO sample_texts (sample, input, targets, choices, fields) "
             "VALUES (?, ?, ?, ?, ?)");
  samples_.settle([&](std::int64_t id, const task_key& hash, const sample_row& row) {
    const auto& s = *row.what;
    slim.add(id, hash, s.id, s.task_type, s.difficulty, row.tags);
    texts.add(id, s.input, row.targets, row.choices, row.fields);
  });
  bulk talks(db_, "INSERT INTO conversations (id, hash, messages) VALUES (?, ?, ?)");
  conversations_.settle([&](std::int64_t id, const task_key& hash, const std::string& messages) {
    talks.add(id, hash, messages);
  });
  bulk ways(db_,
            "INSERT INTO parameters (id, hash, model, max_tokens, temperature, top_p, seed, "
            "stop, reasoning, extra, stream, providers, tools, endpoint) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  parameters_.settle([&](std::int64_t id, const task_key& hash, const parameters_row& row) {
    const auto& r = *row.what;
    ways.add(id, hash, r.model, r.max_tokens, r.temperature, r.top_p, r.seed, row.stop,
             as_integer(r.reasoning), r.extra_json, r.stream, row.providers, row.tools, r.to);
  });
  for (auto* rows : {&slim, &texts, &talks, &ways}) rows->flush();
}

}  // namespace assay::storage
