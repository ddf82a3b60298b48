#include <algorithm>

#include "providers/dialects/anthropic.hpp"
#include "providers/dialects/dialect.hpp"
#include "providers/dialects/gemini.hpp"
#include "providers/dialects/openai.hpp"

namespace assay::dialects {

namespace {

/// Every dialect there is, sorted by name. Made at the first call, never destroyed before the end.
const std::vector<std::unique_ptr<const dialect>>& all() {
  static const auto made = [] {
    std::vector<std::unique_ptr<const dialect>> list;
    for (const auto& quirks : openai_table())
      list.push_back(std::make_unique<const openai_dialect>(quirks));
    list.push_back(std::make_unique<const anthropic_dialect>());
    list.push_back(std::make_unique<const gemini_dialect>());
    std::sort(list.begin(), list.end(),
              [](const auto& a, const auto& b) { return a->name() < b->name(); });
    return list;
  }();
  return made;
}

}  // namespace

const dialect* find(std::string_view name) {
  for (const auto& one : all())
    if (one->name() == name) return one.get();
  return nullptr;
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> out;
  for (const auto& one : all()) out.push_back(one->name());
  return out;
}

}  // namespace assay::dialects
