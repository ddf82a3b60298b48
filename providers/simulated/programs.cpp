#include "providers/simulated/programs.hpp"

#include <algorithm>
#include <array>

#include "providers/simulated/wording.hpp"

namespace assay::simulated {

namespace {

/// In place of a function's body.
constexpr std::array wrong_bodies = {
    "    return None\n",
    "    raise NotImplementedError\n",
    "    result = []\n    return result[0]\n",
    "    return (\n",
};

std::string fenced(const std::string& program) {
  return "```python\n" + program + (program.back() == '\n' ? "```" : "\n```");
}

const std::string* solution_of(const sample& s) {
  auto found = std::find_if(s.fields.begin(), s.fields.end(),
                            [](const auto& f) { return f.first == solution_field; });
  return found == s.fields.end() || found->second.empty() ? nullptr : &found->second;
}

/// A string literal of Python.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + "'";
}

/// Prints the last line of an answer, without the mark of a worked solution.
std::string printing(std::string_view answer) {
  constexpr std::string_view mark = "#### ";
  if (auto at = answer.rfind(mark); at != std::string_view::npos)
    answer.remove_prefix(at + mark.size());
  return fenced("answer = " + quoted(answer) + "\nprint(answer)\n");
}

}  // namespace

std::string right_program(const sample& s) {
  if (const auto* solution = solution_of(s)) return fenced(*solution);
  const auto answer = right_answer(s);
  return answer.empty() ? answer : printing(answer);
}

std::string wrong_program(const sample& s, std::uint64_t bits) {
  if (solution_of(s)) return fenced(wrong_bodies[bits % wrong_bodies.size()]);
  return printing(wrong_answer(s, bits));
}

}  // namespace assay::simulated
