#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "evaluation/graders/model_judge.hpp"

/// Panels of models that say what a script tells them.
namespace assay::tests {

using namespace evaluation;

/// What a model says when it is asked so often; `""` is an empty reply, `error` a call that failed.
using script = std::vector<std::string>;
using scripts = std::map<std::string, script>;

inline settings declared(const std::vector<std::string>& models) {
  settings all;
  for (const auto& name : models) {
    model_settings model;
    model.name = name;
    all.models.push_back(model);
  }
  return all;
}

inline judge_settings panel(const std::string& type, std::vector<std::string> models) {
  judge_settings judge;
  judge.name = "panel";
  judge.type = type;
  judge.grader.models = std::move(models);
  return judge;
}

inline record answered(const std::string& text) {
  record r;
  r.asked.item.id = "s1";
  r.asked.item.input = "What is 6 x 7?";
  r.asked.item.targets = {"42"};
  r.got.reply.text = text;
  return r;
}

inline model_judge_ptr made(const judge_settings& judge) {
  auto all = declared({"a", "b", "c"});
  auto got = make_model_judge(all, judge);
  if (!got) FAIL(render(got.error()));
  return *got;
}

/// Plays the models of a panel: each says the next line of its script, the last one for ever.
class table {
 public:
  explicit table(scripts says) : says_(std::move(says)) {}

  procedure_end run(procedure& p) {
    for (auto open = p.begin(); !open.empty();) {
      auto call = open.front();
      open.erase(open.begin());
      calls.push_back(call);
      for (auto& next : p.take(reply_to(call))) open.push_back(std::move(next));
    }
    return p.end();
  }

  std::vector<std::string> labels() const {
    std::vector<std::string> all;
    for (const auto& call : calls) all.push_back(call.label);
    return all;
  }

  std::vector<wanted_call> calls;

 private:
  call_result reply_to(const wanted_call& call) {
    auto& lines = says_[call.model];
    auto line = lines.empty() ? std::string() : lines.front();
    if (lines.size() > 1) lines.erase(lines.begin());
    call_result result;
    result.label = call.label;
    result.reply.text = line;
    if (line == "error") {
      result.status = outcome_status::error;
      result.error.kind = error_class::timeout;
    }
    if (line == "refusal") result.status = outcome_status::refused;
    return result;
  }

  scripts says_;
};

inline verdict verdict_of(const judge_settings& judge, scripts says,
                          const record& r = answered("42")) {
  auto p = made(judge)->make(r);
  auto end = table(std::move(says)).run(*p);
  REQUIRE(std::holds_alternative<verdict>(end));
  return std::get<verdict>(end);
}

inline std::string prompt_of(const judge_settings& judge, const record& r) {
  auto calls = made(judge)->make(r)->begin();
  REQUIRE(!calls.empty());
  return calls[0].request.messages.back().content;
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

inline std::string why_not_made(const judge_settings& judge) {
  auto got = make_model_judge(declared({"a", "b", "c"}), judge);
  return got ? std::string() : render(got.error());
}

}  // namespace assay::tests
