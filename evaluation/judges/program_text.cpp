#include "evaluation/judges/program_text.hpp"

#include <algorithm>
#include <vector>

#include "evaluation/data/field_of.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

constexpr std::string_view fence = "```";

struct block {
  std::string language;
  std::string_view code;
};

/// True if only blanks stand between `at` and the beginning of its line.
bool begins_line(std::string_view text, std::size_t at) {
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
  return at == 0 || text[at - 1] == '\n';
}

std::size_t find_fence(std::string_view text, std::size_t from) {
  auto at = text.find(fence, from);
  while (at != std::string_view::npos && !begins_line(text, at))
    at = text.find(fence, at + fence.size());
  return at;
}

std::vector<block> blocks_of(std::string_view text) {
  std::vector<block> blocks;
  for (auto open = find_fence(text, 0); open != std::string_view::npos;) {
    auto line_end = text.find('\n', open);
    if (line_end == std::string_view::npos) break;
    auto marked = text.substr(open + fence.size(), line_end - open - fence.size());
    auto close = find_fence(text, line_end);
    auto code = text.substr(line_end + 1, close == std::string_view::npos
                                              ? close
                                              : std::max(close, line_end + 1) - line_end - 1);
    blocks.push_back({lower(strip(marked)), code});
    if (close == std::string_view::npos) break;
    open = find_fence(text, close + fence.size());
  }
  return blocks;
}

}  // namespace

std::string extract_program(std::string_view answer, std::string_view entry_point) {
  auto blocks = blocks_of(answer);
  if (blocks.empty()) return std::string(answer);
  auto definition = "def " + std::string(entry_point) + "(";
  auto defines = [&](const block& b) {
    return !entry_point.empty() && b.code.find(definition) != std::string_view::npos;
  };
  auto python = [](const block& b) { return b.language.substr(0, 2) == "py"; };
  auto found = std::find_if(blocks.rbegin(), blocks.rend(), defines);
  if (found == blocks.rend()) found = std::find_if(blocks.rbegin(), blocks.rend(), python);
  if (found == blocks.rend()) found = blocks.rbegin();
  return std::string(found->code);
}

std::optional<program_test> test_of(const sample& item) {
  program_test test{field_of(item, "entry_point"), field_of(item, "test")};
  if (test.entry_point.empty() || test.code.empty()) return std::nullopt;
  return test;
}

std::string with_test(const sample& item, const program_test& test, std::string_view program,
                      std::string_view token) {
  auto whole = item.input;
  if (!whole.empty() && whole.back() != '\n') whole += '\n';
  whole += program;
  whole += '\n';
  whole += test.code;
  whole += "\ncheck(";
  whole += test.entry_point;
  whole += ")\nprint(\"\\n";
  whole += token;
  whole += "\")\n";
  return whole;
}

}  // namespace assay::evaluation
