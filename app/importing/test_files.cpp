#include <algorithm>
#include <array>
#include <cstdlib>

#include "app/importing/files.hpp"
#include "app/importing/promptfoo.hpp"
#include "evaluation/data/row.hpp"
#include "evaluation/judges/assertion.hpp"

namespace assay::importing {

namespace {

tree text_value(std::string text, std::size_t line) {
  return {tree::kind::text, line, std::move(text), {}, {}};
}

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && end == text.c_str() + text.size();
}

/// Assertions of promptfoo that are not understood, but are not texts to be equal to either.
constexpr std::array<std::string_view, 24> other_types{"answer-relevance",
                                                       "bleu",
                                                       "classifier",
                                                       "context-faithfulness",
                                                       "context-recall",
                                                       "context-relevance",
                                                       "cost",
                                                       "f-score",
                                                       "factuality",
                                                       "finish-reason",
                                                       "g-eval",
                                                       "guardrails",
                                                       "is-refusal",
                                                       "is-sql",
                                                       "is-xml",
                                                       "javascript",
                                                       "latency",
                                                       "llm-rubric",
                                                       "model-graded-closedqa",
                                                       "model-graded-factuality",
                                                       "perplexity",
                                                       "python",
                                                       "rouge-n",
                                                       "similar"};

bool is_assertion_type(std::string name) {
  if (name.starts_with("not-")) name.erase(0, 4);
  auto known = evaluation::assertion_types();
  auto among = [&](auto& list) { return std::find(list.begin(), list.end(), name) != list.end(); };
  return among(known) || among(other_types);
}

/// A row of a CSV file: a column a variable, but for those that begin with `__`.
tree test_of(const evaluation::row& row) {
  tree test{tree::kind::table, row.line, {}, {}, {}};
  tree vars{tree::kind::table, row.line, {}, {}, {}};
  tree assertions{tree::kind::list, row.line, {}, {}, {}};
  for (auto& [name, text] : row.fields) {
    if (name.starts_with("__expected")) {
      if (!text.empty()) assertions.items.push_back(assertion_from_text(text, row.line));
    } else if (name == "__description") {
      test.entries.push_back({"description", text_value(text, row.line)});
    } else if (name == "__threshold") {
      auto value = text_value(text, row.line);
      if (is_number(text)) value.is = tree::kind::number;
      if (!text.empty()) test.entries.push_back({"threshold", std::move(value)});
    } else if (name.starts_with("__metadata") || name == "__metric") {
      continue;
    } else if (name.starts_with("__")) {
      if (!text.empty()) test.entries.push_back({name, text_value(text, row.line)});
    } else {
      vars.entries.push_back({name, text_value(text, row.line)});
    }
  }
  test.entries.push_back({"vars", std::move(vars)});
  test.entries.push_back({"assert", std::move(assertions)});
  return test;
}

expected<tree> read_csv_tests(const std::string& text, const std::string& path) {
  evaluation::problem_list problems(path);
  tree all{tree::kind::list, 1, {}, {}, {}};
  evaluation::read_csv(text, problems,
                       [&](evaluation::row&& r) { all.items.push_back(test_of(r)); });
  if (!problems.empty()) return tl::make_unexpected(problems.take().front());
  return all;
}

/// One JSON value a line.
expected<tree> read_jsonl_tests(const std::string& text, const std::string& path) {
  tree all{tree::kind::list, 1, {}, {}, {}};
  std::size_t line = 0;
  for (std::size_t from = 0; from < text.size();) {
    auto to = std::min(text.find('\n', from), text.size());
    ++line;
    auto one = text.substr(from, to - from);
    from = to + 1;
    if (one.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto parsed = read_yaml(one, path);
    if (!parsed) return fail(path + ":" + std::to_string(line), parsed.error().what);
    parsed->line = line;
    all.items.push_back(std::move(*parsed));
  }
  return all;
}

}  // namespace

tree assertion_from_text(const std::string& text, std::size_t line) {
  auto made = [&](std::string type, const std::string& value, const std::string& threshold) {
    tree assertion{tree::kind::table, line, {}, {}, {}};
    assertion.entries.push_back({"type", text_value(std::move(type), line)});
    if (!value.empty()) assertion.entries.push_back({"value", text_value(value, line)});
    if (is_number(threshold))
      assertion.entries.push_back({"threshold", tree{tree::kind::number, line, threshold, {}, {}}});
    return assertion;
  };
  auto colon = text.find(':');
  auto head = text.substr(0, colon);
  auto body = colon == std::string::npos ? std::string() : text.substr(colon + 1);
  body.erase(0, std::min(body.find_first_not_of(' '), body.size()));
  std::string threshold;
  if (auto open = head.find('('); open != std::string::npos && head.ends_with(")")) {
    threshold = head.substr(open + 1, head.size() - open - 2);
    head.resize(open);
  }
  if (head == "fn" || head == "eval") head = "javascript";
  if (head == "grade") head = "llm-rubric";
  bool type = is_assertion_type(head);
  bool alone = colon == std::string::npos && (head == "is-json" || head == "contains-json" ||
                                              head == "not-is-json" || head == "not-contains-json");
  if (alone || (type && colon != std::string::npos)) return made(head, body, threshold);
  return made("equals", text, {});
}

expected<tree> read_test_file(const std::string& path) {
  auto ending = ending_of(path);
  bool yaml = ending == ".yaml" || ending == ".yml" || ending == ".json";
  if (!yaml && ending != ".csv" && ending != ".jsonl")
    return fail(path, "tests in '" + ending + "' files are not understood");
  auto text = read_file(path);
  if (!text) return tl::make_unexpected(text.error());
  if (ending == ".csv") return read_csv_tests(*text, path);
  if (ending == ".jsonl") return read_jsonl_tests(*text, path);
  return read_yaml(*text, path);
}

}  // namespace assay::importing
