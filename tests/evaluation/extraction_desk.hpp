#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <sstream>

#include "evaluation/extraction/extraction.hpp"
#include "evaluation/extraction/question.hpp"
#include "messages/embedding_text.hpp"

/// A desk that fills templates, and what models may say to it.
namespace assay::tests {

using namespace evaluation;
using nlohmann::json;

inline template_field field(std::string name, field_type type = field_type::string) {
  template_field made;
  made.name = std::move(name);
  made.type = type;
  return made;
}

/// `count` fields, each with a document that says `fieldN: value N`.
struct office {
  extraction_template what{"form", "", {}};
  document_set documents;
  extraction_settings how;

  explicit office(int count) {
    for (int i = 1; i <= count; ++i) {
      what.fields.push_back(field("field" + std::to_string(i)));
      documents.documents.push_back({"d" + std::to_string(i) + ".txt",
                                     "field" + std::to_string(i) + ": value " + std::to_string(i)});
    }
  }

  procedure_ptr fill(const std::string& instructions = {}) const {
    auto job = extraction_job::make(what, documents, how);
    REQUIRE(job);
    return evaluation::fill(std::make_shared<const extraction_job>(*job), "m", instructions);
  }
};

/// The lines of JSON of the fields that a call asks for.
inline std::vector<json> fields_in(const wanted_call& call) {
  std::vector<json> fields;
  std::istringstream lines(call.request.messages.back().content);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("{\"id\"")) fields.push_back(json::parse(line));
  return fields;
}

/// The number of the passage that holds the text; 0 if none does.
inline int passage_with(const wanted_call& call, const std::string& text) {
  const auto& prompt = call.request.messages.back().content;
  auto at = prompt.find("\n" + text + "\n</passage");
  if (at == prompt.npos) return 0;
  auto id = prompt.rfind("<passage id=\"", at) + std::string("<passage id=\"").size();
  return std::stoi(prompt.substr(id));
}

/// What a model says that reads well: the document's line of each field.
inline json right_answer(const wanted_call& call, const json& asked) {
  auto name = asked["name"].get<std::string>();
  auto text = name + ": value " + name.substr(5);
  return {{"value", text}, {"passage", passage_with(call, text)}};
}

using reader = std::function<json(const wanted_call&, const json& asked)>;

inline call_result answer_to(const wanted_call& call, const reader& read = right_answer) {
  call_result result;
  result.label = call.label;
  auto list = json::array();
  for (const auto& asked : fields_in(call))
    list.push_back({{"id", asked["id"]}, {"answer", read(call, asked)}});
  result.reply.text = list.dump();
  result.reply.usage.input = 100;
  result.reply.usage.output = 10;
  return result;
}

inline call_result failure_of(const wanted_call& call, const std::string& message = "HTTP 500") {
  call_result result;
  result.label = call.label;
  result.status = outcome_status::error;
  result.error.kind = error_class::server_error;
  result.error.message = message;
  return result;
}

struct finished {
  outcome got;
  json result;
  std::vector<wanted_call> calls;  ///< in the order in which they were wanted
};

using world = std::function<call_result(const wanted_call&)>;

inline finished run(const procedure_ptr& steps, const world& answers) {
  finished all;
  auto open = steps->begin();
  while (!open.empty()) {
    auto call = open.front();
    open.erase(open.begin());
    all.calls.push_back(call);
    auto more = steps->take(answers(call));
    open.insert(open.end(), more.begin(), more.end());
  }
  all.got = std::get<outcome>(steps->end());
  all.result = json::parse(all.got.reply.text);
  return all;
}

inline finished run(const procedure_ptr& steps, const reader& read = right_answer) {
  return run(steps, world([&](const wanted_call& call) { return answer_to(call, read); }));
}

inline json missing_of(const finished& done, const std::string& name) {
  for (const auto& m : done.result["missing"])
    if (m["name"] == name) return m;
  return nullptr;
}

}  // namespace assay::tests
