#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "providers/simulated/service.hpp"

/// Asking the simulated service in tests.
namespace assay::tests {

using nlohmann::json;

inline const instant start{std::chrono::hours(1)};

inline mock_model model_named(std::string name, double accuracy = 1) {
  mock_model m;
  m.name = std::move(name);
  m.accuracy = accuracy;
  m.output_tokens = {1, 1};
  return m;
}

inline mock_settings mock_with(mock_model m) {
  mock_settings s;
  s.name = "lab";
  s.models.push_back(std::move(m));
  return s;
}

inline sample item(std::string id, std::string input, std::string target) {
  sample s;
  s.id = std::move(id);
  s.input = std::move(input);
  s.targets.push_back(std::move(target));
  return s;
}

/// `n` samples with numeric targets; no input occurs in another.
inline std::vector<sample> numbered(int n) {
  std::vector<sample> all;
  for (int i = 0; i < n; ++i)
    all.push_back(item("q" + std::to_string(i),
                       "How much is item no. " + std::to_string(i) + " worth?",
                       std::to_string(1000 + i)));
  return all;
}

inline std::string chat(const std::string& prompt, const json& more = json::object()) {
  json body = {{"model", "m"}, {"messages", {{{"role", "user"}, {"content", prompt}}}}};
  body.update(more);
  return body.dump();
}

inline simulated::service::handled ask(simulated::service& s, const std::string& body,
                                       instant now = start,
                                       const std::string& path = "/v1/chat/completions",
                                       const header_list& headers = {}) {
  return s.handle("POST", path, headers, body, now);
}

inline std::string bytes_of(const simulated::reply& r) {
  std::string all;
  for (const auto& p : r.pieces) all += p.bytes;
  return all;
}

inline std::string header_of(const simulated::reply& r, std::string_view name) {
  for (const auto& [key, value] : r.headers)
    if (key == name) return value;
  return "(none)";
}

inline json body_of(const simulated::reply& r) { return json::parse(bytes_of(r), nullptr, false); }

/// The answer text of an OpenAI answer that is not a stream.
inline std::string text_of(const simulated::reply& r) {
  return body_of(r)["choices"][0]["message"]["content"].get<std::string>();
}

struct sse_event {
  std::string name;
  std::string data;
};

/// A deliberately plain reader of `event:` and `data:` lines; blocks end with an empty line.
inline std::vector<sse_event> events_of(const std::string& stream) {
  std::vector<sse_event> events;
  sse_event now;
  std::size_t at = 0;
  while (at < stream.size()) {
    auto end = stream.find('\n', at);
    auto line = stream.substr(at, end - at);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    at = end + 1;
    if (line.rfind("event: ", 0) == 0) now.name = line.substr(7);
    if (line.rfind("data: ", 0) == 0) now.data = line.substr(6);
    if (line.empty()) events.push_back(std::exchange(now, {}));
  }
  return events;
}

}  // namespace assay::tests
