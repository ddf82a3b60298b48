#include "actors/batch_mark.hpp"

namespace assay::actors {

namespace {

constexpr std::size_t mark_length = 16;
constexpr std::size_t key_length = 32;

}  // namespace

std::string mark_of(const provider_batch& b) {
  auto hash = hash_parts({"batch", b.provider, std::to_string(b.run),
                          std::to_string(b.announced_unix_ns), to_string(b.tasks.front())});
  return to_string(hash).substr(0, mark_length);
}

std::string custom_id(const task_key& key, std::string_view mark) {
  return to_string(key) + "-" + std::string(mark);
}

std::optional<task_key> task_of(std::string_view id, std::string_view mark) {
  if (id.size() != key_length + 1 + mark_length || id[key_length] != '-') return {};
  if (id.substr(key_length + 1) != mark) return {};
  auto key = parse_task_key(id.substr(0, key_length));
  return key.empty() ? std::nullopt : std::optional(key);
}

}  // namespace assay::actors
