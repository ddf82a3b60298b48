#include "app/importing/json_lines.hpp"

#include <algorithm>

#include "evaluation/data/row.hpp"
#include "evaluation/judges/json_value.hpp"

namespace assay::importing {

using nlohmann::json;

checked<std::vector<json_line>> read_json_lines(const std::string& text, const std::string& path) {
  std::vector<json_line> lines;
  evaluation::problem_list problems(path);
  auto add = [&](std::size_t line, json value) {
    if (value.is_object())
      lines.push_back({line, std::move(value)});
    else
      problems.add(line, "expected a JSON object");
  };
  auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && text[first] == '[') {
    auto all = evaluation::parse_json(std::string_view(text).substr(first));
    if (!all) problems.add_for_file("the file is not JSON");
    if (all)
      for (auto& value : *all) add(0, std::move(value));
  } else {
    std::size_t line = 0;
    for (std::size_t from = 0; from < text.size();) {
      auto to = std::min(text.find('\n', from), text.size());
      auto one = std::string_view(text).substr(from, to - from);
      ++line;
      from = to + 1;
      if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      if (auto value = evaluation::parse_json(one))
        add(line, std::move(*value));
      else
        problems.add(line, "the line is not JSON");
    }
  }
  if (problems.empty() && lines.empty()) problems.add_for_file("the file has no rows");
  if (!problems.empty()) return tl::make_unexpected(problems.take());
  return lines;
}

std::string text_at(const json& object, const char* name) {
  auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

}  // namespace assay::importing
