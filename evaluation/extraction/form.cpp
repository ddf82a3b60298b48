#include "evaluation/extraction/form.hpp"

#include <algorithm>
#include <set>

#include "evaluation/extraction/stands_in.hpp"

namespace assay::evaluation {

using nlohmann::ordered_json;

form::form(const std::vector<field_check>& checks, const corpus& from, int asks)
    : checks_(checks), from_(from), asks_(asks), entries_(checks.size()) {}

std::vector<asked_field> form::open() const {
  std::vector<asked_field> fields;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].now == state::open) fields.push_back({i, entries_[i].reason});
  return fields;
}

void form::take(const question& q, const std::vector<field_answer>& answers) {
  for (std::size_t i = 0; i < q.fields.size(); ++i) {
    auto& entry = entries_[q.fields[i].field];
    const auto& got = answers[i];
    ++entry.asks;
    if (!got.fault.empty()) {
      reject(entry, got.fault);
    } else if (!got.value.is_null()) {
      entry = {state::filled, got.value, got.passage, false, entry.asks, {}};
    } else if (checks_[q.fields[i].field].field().required) {
      reject(entry, "it is required, and was said to be in no passage");
    } else {
      entry.now = state::missing;
      entry.reason = "the model finds it in no passage";
    }
  }
}

void form::decline(const question& q, const std::string& reason) {
  for (const auto& asked : q.fields) {
    ++entries_[asked.field].asks;
    reject(entries_[asked.field], reason);
  }
}

void form::reject(entry& rejected, std::string reason) {
  rejected.reason = std::move(reason);
  if (rejected.asks >= asks_) rejected.now = state::missing;
}

void form::fail(const question& q, const std::string& reason, const field_search& search) {
  for (const auto& asked : q.fields) {
    auto& entry = entries_[asked.field];
    ++entry.asks;
    entry.reason = reason;
    entry.now = fall_back(asked.field, search) ? state::filled : state::missing;
    if (entry.now == state::missing && checks_[asked.field].has_pattern())
      entry.reason += "; the pattern finds nothing";
  }
}

bool form::fall_back(std::size_t field, const field_search& search) {
  if (!checks_[field].has_pattern()) return false;
  for (auto index : search.ranking(field)) {
    auto value = checks_[field].find_in(from_.text(index));
    if (!value) continue;
    auto& entry = entries_[field];
    entry.value = std::move(*value);
    entry.passage = index;
    entry.fallback = true;
    return true;
  }
  return false;
}

bool form::empty() const {
  return std::none_of(entries_.begin(), entries_.end(),
                      [](const entry& e) { return e.now == state::filled; });
}

ordered_json form::to_json() const {
  auto fields = ordered_json::object(), passages = ordered_json::object();
  auto missing = ordered_json::array();
  std::set<std::size_t> sources;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto& e = entries_[i];
    const auto& field = checks_[i].field();
    if (e.now != state::filled) {
      missing.push_back({{"name", field.name},
                         {"required", field.required},
                         {"reason", e.reason},
                         {"asks", e.asks}});
      continue;
    }
    sources.insert(e.passage);
    bool verbatim = stands_in(from_.text(e.passage), e.value, field.type);
    fields[field.name] = {{"value", e.value},
                          {"source",
                           {{"document", from_.document_name(e.passage)},
                            {"lines", lines_of(from_.passages()[e.passage])},
                            {"passage", e.passage + 1}}},
                          {"how", e.fallback ? "fallback" : "model"},
                          {"verbatim", verbatim},
                          {"asks", e.asks}};
    if (e.fallback) fields[field.name]["reason"] = e.reason;
  }
  for (auto index : sources)
    passages[std::to_string(index + 1)] = {{"document", from_.document_name(index)},
                                           {"lines", lines_of(from_.passages()[index])},
                                           {"text", from_.text(index)}};
  return {{"fields", fields}, {"missing", missing}, {"passages", passages}};
}

}  // namespace assay::evaluation
