#include "app/extract/result.hpp"

#include <algorithm>

#include "app/report/clean_text.hpp"
#include "app/report/text.hpp"

namespace assay::extract {

using nlohmann::ordered_json;

namespace {

constexpr std::size_t width = 80;
constexpr std::size_t most_excerpt = 280;

std::string text_of(const ordered_json& value) {
  auto text = value.is_string() ? value.get<std::string>() : value.dump();
  return report::for_terminal(text);
}

std::string count_of(const ordered_json& n, const char* noun) {
  auto count = n.get<std::size_t>();
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string place_of(const ordered_json& source) {
  return text_of(source["document"]) + ":" + text_of(source["lines"]);
}

report::table values_of(const ordered_json& result) {
  report::table values{
      "Values", {{"field"}, {"value"}, {"source"}, {"passage", true}, {"calls", true}, {"note"}}};
  bool fallback = false, loose = false;
  for (const auto& [name, field] : result["fields"].items()) {
    bool found_by_pattern = field["how"] == "fallback", verbatim = field["verbatim"] == true;
    fallback = fallback || found_by_pattern;
    loose = loose || !verbatim;
    values.rows.push_back({{name},
                           {report::one_line(text_of(field["value"]), width)},
                           {place_of(field["source"])},
                           {std::to_string(field["source"]["passage"].get<std::size_t>())},
                           {std::to_string(field["asks"].get<int>())},
                           {found_by_pattern ? "fallback"
                            : verbatim       ? ""
                                             : "not verbatim"}});
  }
  if (fallback)
    values.notes.push_back("fallback: the call failed, the field's pattern found this value");
  if (loose)
    values.notes.push_back("not verbatim: the passage does not hold the value word for word");
  return values;
}

report::table missing_of(const ordered_json& result) {
  report::table missing{"Missing", {{"field"}, {"required"}, {"calls", true}}};
  for (const auto& m : result["missing"]) {
    missing.rows.push_back({{text_of(m["name"])},
                            {m["required"] == true ? "yes" : "no"},
                            {std::to_string(m["asks"].get<int>())}});
    missing.notes.push_back(text_of(m["name"]) + ": " + text_of(m["reason"]));
  }
  return missing;
}

/// How the fields are spread over the calls.
std::string calls_of(const ordered_json& result) {
  std::string each;
  for (const auto& call : result["asked"])
    each += (each.empty() ? "" : " + ") + std::to_string(call["fields"].get<std::size_t>());
  auto text = count_of(result["calls"], "call") + " (" + each + " fields)";
  if (result["embedding_calls"] > 0)
    text += ", " + count_of(result["embedding_calls"], "call") + " for vectors";
  return text;
}

report::document describe(const ordered_json& result) {
  auto filled = result["fields"].size();
  report::document shown;
  shown.title = text_of(result["template"]);
  shown.facts = {{"filled", std::to_string(filled) + " of " +
                                std::to_string(filled + result["missing"].size()) + " fields"},
                 {"calls", calls_of(result)},
                 {"searched", count_of(result["documents"], "document") + ", " +
                                  count_of(result["passages_searched"], "passage") + ", by " +
                                  text_of(result["ranking"])}};
  if (result.contains("error"))
    shown.remarks.push_back("a call failed: " + text_of(result["error"]) +
                            "; the same command asks again for what it was about");
  if (result.contains("without_vectors"))
    shown.remarks.push_back("passages are ranked by their words alone, without vectors: " +
                            text_of(result["without_vectors"]));
  for (const auto& p : result["left_out"]) shown.remarks.push_back("left out: " + text_of(p));
  if (filled > 0) shown.tables.push_back(values_of(result));
  if (!result["missing"].empty()) shown.tables.push_back(missing_of(result));
  return shown;
}

std::string excerpts_of(const ordered_json& result) {
  std::string out = result["passages"].empty() ? "" : "\nPassages\n";
  for (const auto& [number, passage] : result["passages"].items()) {
    auto text = text_of(passage["text"]);
    auto shown = report::first_characters(text, most_excerpt);
    bool cut = shown.size() < text.size();
    out += "\n[" + number + "] " + place_of(passage) + "\n" + std::string(shown) +
           (cut ? " ..\n" : "\n");
  }
  return out;
}

}  // namespace

expected<ordered_json> result_of(const storage::ledger_row& row, storage::run_id run) {
  const auto& got = row.what.got;
  auto result = ordered_json::parse(got.reply.text, nullptr, false);
  bool whole = row.has_outcome && result.is_object() && result.contains("fields");
  if (!whole)
    return fail("run " + std::to_string(run), "the template is not filled yet",
                "run the same command again to continue");
  result["run"] = run;
  result["model"] = row.what.asked.where.model;
  result["status"] = to_string(got.status);
  result["cost_usd"] = got.cost.value;
  if (got.status == outcome_status::error)
    result["error"] = std::string(to_string(got.error.kind)) +
                      (got.error.message.empty() ? "" : ", " + got.error.message);
  return result;
}

std::string to_text(const ordered_json& result) {
  return report::to_text(describe(result)) + excerpts_of(result);
}

bool lacks_required(const ordered_json& result) {
  const auto& missing = result["missing"];
  return std::any_of(missing.begin(), missing.end(),
                     [](const auto& m) { return m["required"] == true; });
}

}  // namespace assay::extract
