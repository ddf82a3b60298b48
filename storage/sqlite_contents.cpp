#include "storage/sqlite_contents.hpp"

#include <charconv>

#include "storage/json_text.hpp"

namespace assay::storage {

namespace {

/// Plans visit a sample's tasks one after the other, so few hashes need remembering.
constexpr std::size_t recent_limit = 4096;

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

void contents::forget() {
  cells_.clear();
  for (auto recent : {&samples_, &conversations_, &parameters_}) recent->clear();
}

std::int64_t contents::find(const char* sql, const task_key& hash, recent_ids& recent) {
  if (auto known = recent.find(hash); known != recent.end()) return known->second;
  statement query(db_, sql);
  if (!query.start(hash).step()) return 0;
  return recent[hash] = query.integer(0);
}

std::int64_t contents::added(const task_key& hash, recent_ids& recent) {
  if (db_.failed()) return 0;
  if (recent.size() >= recent_limit) recent.clear();
  return recent[hash] = db_.last_id();
}

std::int64_t contents::id_of(const cell& c) {
  if (auto known = cells_.find(c); known != cells_.end()) return known->second;
  statement query(db_,
                  "SELECT id FROM cells WHERE dataset = ? AND model = ? AND prompt = ? AND "
                  "task_type = ? AND difficulty = ? AND mode = ?");
  query.start(c.dataset, c.model, c.prompt, c.task_type, c.difficulty, c.mode);
  if (query.step()) return cells_[c] = query.integer(0);
  statement insert(db_,
                   "INSERT INTO cells (dataset, model, prompt, task_type, difficulty, mode) "
                   "VALUES (?, ?, ?, ?, ?, ?)");
  insert.run(c.dataset, c.model, c.prompt, c.task_type, c.difficulty, c.mode);
  if (db_.failed()) return 0;
  return cells_[c] = db_.last_id();
}

std::int64_t contents::id_of(const sample& s) {
  auto tags = list_json(s.tags), targets = list_json(s.targets), choices = list_json(s.choices);
  auto fields = fields_json(s.fields);
  auto hash =
      hash_parts({s.id, s.task_type, s.difficulty, tags, s.input, targets, choices, fields});
  if (auto id = find("SELECT id FROM samples WHERE hash = ?", hash, samples_)) return id;
  statement slim(db_,
                 "INSERT INTO samples (hash, sample_id, task_type, difficulty, tags) "
                 "VALUES (?, ?, ?, ?, ?)");
  slim.run(hash, s.id, s.task_type, s.difficulty, tags);
  auto id = added(hash, samples_);
  statement texts(db_,
                  "INSERT INTO sample_texts (sample, input, targets, choices, fields) "
                  "VALUES (?, ?, ?, ?, ?)");
  texts.run(id, s.input, targets, choices, fields);
  return id;
}

std::int64_t contents::id_of(const std::vector<chat_message>& messages) {
  auto text = messages_json(messages);
  auto hash = hash_parts({text});
  auto id = find("SELECT id FROM conversations WHERE hash = ?", hash, conversations_);
  if (id) return id;
  statement insert(db_, "INSERT INTO conversations (hash, messages) VALUES (?, ?)");
  insert.run(hash, text);
  return added(hash, conversations_);
}

std::int64_t contents::id_of(const chat_request& r, const std::vector<std::string>& providers) {
  auto stop = list_json(r.stop), names = list_json(providers);
  auto reasoning = as_integer(r.reasoning);
  auto tools = tools_json(r.tools);
  auto hash =
      hash_parts({r.model, part(r.max_tokens), part(r.temperature), part(r.top_p), part(r.seed),
                  stop, part(reasoning), r.extra_json, r.stream ? "stream" : "", names});
  if (!r.tools.empty() || r.to != endpoint::chat)
    hash = hash_parts({to_string(hash), tools, r.to == endpoint::embeddings ? "embeddings" : ""});
  if (auto id = find("SELECT id FROM parameters WHERE hash = ?", hash, parameters_)) return id;
  statement insert(db_,
                   "INSERT INTO parameters (hash, model, max_tokens, temperature, top_p, seed, "
                   "stop, reasoning, extra, stream, providers, tools, endpoint) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.run(hash, r.model, r.max_tokens, r.temperature, r.top_p, r.seed, stop, reasoning,
             r.extra_json, r.stream, names, tools, r.to);
  return added(hash, parameters_);
}

}  // namespace assay::storage
