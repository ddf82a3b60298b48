#include "app/demo/wishes.hpp"

#include <algorithm>

namespace assay::demo {

const std::vector<api>& known_apis() {
  static const std::vector<api> all{
      {"claude", "anthropic", 16, 3'000, 140}, {"deepseek", "deepseek", 12, 2'400, 180},
      {"gemini", "gemini", 16, 3'600, 110},    {"groq", "groq", 8, 2'400, 40},
      {"openai", "openai", 24, 4'800, 120},    {"openrouter", "openrouter", 16, 3'000, 160},
      {"together", "together", 16, 3'000, 90},
  };
  return all;
}

std::vector<std::string> suite_names() { return {"basic", "comprehensive", "stress"}; }

std::string list_of_apis() {
  std::string list;
  for (const auto& a : known_apis()) list += (list.empty() ? "" : ", ") + a.name;
  return list;
}

expected<void> check(const wishes& w) {
  auto list = list_of_apis();
  std::vector<std::string_view> names;
  for (const auto& a : known_apis()) names.push_back(a.name);
  if (w.apis.empty()) return fail("--apis", "names no API", "take some of " + list);
  for (const auto& name : w.apis) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      auto close = nearest(name, names);
      return fail(
          "--apis", "no simulated API is called '" + name + "'",
          close.empty() ? "there are " + list : "did you mean '" + std::string(close) + "'?");
    }
    if (std::count(w.apis.begin(), w.apis.end(), name) > 1)
      return fail("--apis", "'" + name + "' is named twice");
  }
  return {};
}

}  // namespace assay::demo
