#include "providers/simulated/numbered_items.hpp"

#include <string>

namespace assay::simulated {

std::vector<std::string_view> numbered_items(std::string_view prompt) {
  constexpr std::string_view mark = "\n<item", first_id = " id=\"1\">\n";
  std::vector<std::string_view> items;
  const auto begin = prompt.find(mark);
  const auto id = prompt.find(first_id, begin);
  if (begin == prompt.npos || id == prompt.npos) return items;
  const std::string name(prompt.substr(begin + 2, id - begin - 2));
  if (name.find_first_of("<> \n\"") != name.npos) return items;
  const auto close = "\n</" + name + ">\n";
  for (auto at = begin;;) {
    const auto open = "\n<" + name + " id=\"" + std::to_string(items.size() + 1) + "\">\n";
    if (prompt.substr(at, open.size()) != open) return items;
    const auto text = at + open.size();
    const auto end = prompt.find(close, text);
    if (end == prompt.npos) return {};
    items.push_back(prompt.substr(text, end - text));
    at = end + close.size();
  }
}

}  // namespace assay::simulated
