#include <cstdint>
#include <cstdlib>
#include <string>

#include "evaluation/extraction/question.hpp"
#include "evaluation/text/unicode.hpp"

namespace {

using namespace assay;
using namespace assay::evaluation;

template_field field(field_type type, const char* pattern = "") {
  template_field made;
  made.name = "f";
  made.type = type;
  made.pattern = pattern;
  if (type == field_type::choice) made.values = {"a", "b"};
  return made;
}

std::vector<field_check> every_check() {
  std::vector<field_check> checks;
  for (std::size_t i = 0; i < field_type_names.size(); ++i)
    checks.push_back(*field_check::make(field(static_cast<field_type>(i))));
  checks.push_back(*field_check::make(field(field_type::number, R"(\$ ?([\d,.]+))")));
  checks.push_back(*field_check::make(field(field_type::date, R"((\w+ \d+, \d+)|([\d-]+))")));
  return checks;
}

}  // namespace

// Documents and answers of any content. The first byte is where the one ends and the other begins:
// what is taken of an answer has the field's type and names a passage that was shown.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto checks = every_check();
  if (size < 1) return 0;
  std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto middle = std::min<std::size_t>(data[0], all.size());
  extraction_settings how;
  how.passage_chars = 40;
  how.passage_overlap = 10;
  auto text = repair_utf8(all.substr(0, middle));
  auto from = corpus::make({{{"d", text + " x"}}, {}}, how);
  question q;
  for (std::size_t i = 0; i < checks.size(); ++i) q.fields.push_back({i, ""});
  for (std::size_t i = 0; i < from.passages().size(); ++i) q.passages.push_back(i);
  extraction_template what{"t", "", std::vector<template_field>(checks.size())};
  if (ask(q, what, from, "").size() != 2) std::abort();
  auto answers = read_answers(all.substr(middle), q, checks, from);
  if (answers.size() != checks.size()) std::abort();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& got = answers[i];
    if (!got.fault.empty() || got.value.is_null()) continue;
    if (got.passage >= from.passages().size()) std::abort();
    if (!checks[i].fault_of(got.value, from.text(got.passage)).empty()) std::abort();
  }
  for (const auto& check : checks)
    if (auto found = check.find_in(text); found && !check.fault_of(*found, text).empty())
      std::abort();
  return 0;
}
