#include "evaluation/text/element_name.hpp"

#include <algorithm>

namespace assay::evaluation {

std::string free_element_name(std::string_view wish, const std::vector<std::string_view>& texts) {
  std::string name(wish);
  auto taken = [&] {
    return std::any_of(texts.begin(), texts.end(), [&](std::string_view text) {
      return text.find("<" + name) != text.npos || text.find("</" + name) != text.npos;
    });
  };
  for (int i = 2; taken(); ++i) name = std::string(wish) + "-" + std::to_string(i) + "-";
  return name;
}

}  // namespace assay::evaluation
