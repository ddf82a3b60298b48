#include "evaluation/graders/quoted_data.hpp"

#include <array>

#include "evaluation/text/regex.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

constexpr std::string_view no_width = R"([\u200b\u200c\u200d\u200e\u200f\u2060\u2063\ufeff])";
constexpr std::string_view gap = R"([\s\u200b\u200c\u200d\u200e\u200f\u2060\u2063\ufeff]*)";
constexpr std::string_view opening = R"([\[\uff3b\u3010])";
constexpr std::string_view closing = R"([\]\uff3d\u3011])";

/// The word in any case, with characters without width between its letters.
std::string hidden(std::string_view word) {
  std::string pattern;
  for (char letter : word) {
    if (!pattern.empty()) pattern += std::string(no_width) + "*";
    pattern += letter;
  }
  return pattern;
}

std::string bracketed(const std::string& inside) {
  return "(?i)" + std::string(opening) + std::string(gap) + "(" + inside + ")" + std::string(gap) +
         std::string(closing);
}

struct rewriting {
  regex pattern;
  std::string_view instead;
};

const std::array<rewriting, 5>& rewritings() {
  auto compiled = [](const std::string& pattern) {
    return regex::compile(pattern, "quoted data").value();
  };
  const auto between = std::string(gap);
  static const std::array<rewriting, 5> all{{
      {compiled(bracketed("(?:" + hidden("BEGIN") + "|" + hidden("END") + ")" + between +
                          hidden("DATA"))),
       R"((\1, quoted))"},
      {compiled(bracketed(hidden("TASK") + "|" + hidden("SUBMISSION") + "|" + hidden("CRITERION") +
                          "|" + hidden("SUBMISSION") + R"( [AB])" + "|" + hidden("ITEMS"))),
       R"((\1, quoted))"},
      {compiled(R"((?m)^([ \t]*)\*{3,}([ \t]*)$)"), R"(\1* * *\2)"},
      {compiled(R"((?i)(?<!\w)()" + hidden("GRADE") + ")" + between + R"([:\uff1a])"),
       R"(\1 (quoted) =)"},
      {compiled(R"((?i)(?<!\w)()" + hidden("ITEM") + between + R"(\d+))" + between +
                R"([:\uff1a](?=)" + between + R"((?:Y|N|YES|NO)(?!\w)))"),
       R"(\1 (quoted) =)"},
  }};
  return all;
}

}  // namespace

bool quote_data(std::string& text) {
  if (!is_utf8(text)) text = repair_utf8(text);
  for (const auto& rewrite : rewritings())
    if (!rewrite.pattern.replace_all(text, rewrite.instead)) return false;
  return true;
}

bool quote_data(sample& s) {
  bool all = quote_data(s.input);
  for (auto& choice : s.choices) all = quote_data(choice) && all;
  for (auto& field : s.fields) all = quote_data(field.second) && all;
  return all;
}

}  // namespace assay::evaluation
