#include "evaluation/task_identity.hpp"

#include <charconv>
#include <functional>

namespace assay::evaluation {

namespace {

/// Changes whenever the parts of a key or their order change.
constexpr std::string_view key_format = "1";

std::string_view bytes_of(const task_key& key) {
  return {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
}

/// Nothing for an absent number; else its shortest exact form.
template <class Number>
std::string text_of(const std::optional<Number>& value) {
  if (!value) return {};
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, *value).ptr);
}

std::string text_of(const std::optional<bool>& value) {
  if (!value) return {};
  return *value ? "yes" : "no";
}

}  // namespace

void hash_text::add(std::string_view part) {
  std::uint64_t size = part.size();
  bytes_.append(reinterpret_cast<const char*>(&size), sizeof size);
  bytes_ += part;
}

void hash_text::add(const std::vector<std::string>& parts) {
  add(std::to_string(parts.size()));
  for (const auto& part : parts) add(part);
}

void hash_text::add(const task_key& hash) { add(bytes_of(hash)); }

task_key hash_text::finish() {
  auto hash = hash_parts({bytes_});
  bytes_.clear();
  return hash;
}

task_key model_identity(const model_settings& m) {
  hash_text text;
  text.add(m.model_name.empty() ? m.name : m.model_name);
  text.add(text_of(m.max_tokens));
  text.add(text_of(m.temperature));
  text.add(text_of(m.top_p));
  text.add(text_of(m.seed));
  text.add(m.stop);
  text.add(text_of(m.reasoning));
  text.add(m.extra_json);
  return text.finish();
}

task_key question_identity(hash_text& text, const std::string& dataset, const sample& s,
                           const std::vector<chat_message>& rendered) {
  text.add(dataset);
  text.add(s.id);
  text.add(s.input);
  text.add(s.choices);
  for (const auto& message : rendered) {
    text.add(std::to_string(static_cast<int>(message.who)));
    text.add(message.content);
  }
  return text.finish();
}

task_key with_sources(const task_key& question, const task_key& sources) {
  return hash_parts({"sources", bytes_of(question), bytes_of(sources)});
}

task_key with_tools(hash_text& text, const task_key& question,
                    const std::vector<tool_declaration>& tools,
                    const std::vector<std::string>& terms, std::string_view documents) {
  text.add(question);
  text.add(std::to_string(tools.size()));
  for (const auto& tool : tools)
    for (const auto* part : {&tool.name, &tool.description, &tool.parameters}) text.add(*part);
  text.add(terms);
  text.add(documents);
  return text.finish();
}

task_key task_identity(std::string_view mode, std::uint32_t epoch, const task_key& question,
                       const task_key& model) {
  return hash_parts({key_format, mode, std::to_string(epoch), bytes_of(question), bytes_of(model)});
}

task_key step_identity(const task_key& parent, std::string_view purpose, std::string_view label,
                       const chat_request& r) {
  hash_text text;
  text.add("step");
  text.add(parent);
  text.add(purpose);
  text.add(label);
  text.add(r.model);
  text.add(std::to_string(static_cast<int>(r.to)));
  for (const auto& m : r.messages) {
    text.add(std::to_string(static_cast<int>(m.who)));
    text.add(m.content);
    text.add(m.answers);
    for (const auto& call : m.calls) text.add({call.id, call.name, call.arguments});
    if (!m.thinking.empty()) text.add({"thinking", m.thinking});
  }
  for (const auto& tool : r.tools) text.add({tool.name, tool.description, tool.parameters});
  text.add(text_of(r.max_tokens));
  text.add(text_of(r.temperature));
  text.add(text_of(r.top_p));
  text.add(text_of(r.seed));
  text.add(r.stop);
  text.add(text_of(r.reasoning));
  text.add(r.extra_json);
  return text.finish();
}

task_key twin_identity(const task_key& taken, const std::string& model, const std::string& prompt) {
  return hash_parts({"twin", bytes_of(taken), model, prompt});
}

std::uint64_t text_hash(const std::vector<chat_message>& messages) {
  std::uint64_t hash = messages.size();
  for (const auto& message : messages) {
    auto part = std::hash<std::string_view>{}(message.content) + static_cast<unsigned>(message.who);
    hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 32;
  }
  return hash;
}

task_key record_identity(hash_text& text, const sample& s) {
  text.add(s.targets);
  text.add(s.tags);
  for (const auto& [name, value] : s.fields) {
    text.add(name);
    text.add(value);
  }
  return text.finish();
}

}  // namespace assay::evaluation
