#include "messages/node.hpp"

#include <algorithm>

namespace assay {

std::string bad_egress(const std::string& address) {
  constexpr std::size_t longest = 64;
  if (address.size() > longest) return "is longer than " + std::to_string(longest) + " characters";
  auto ok = [](unsigned char c) { return c > ' ' && c < 0x7F; };
  if (std::all_of(address.begin(), address.end(), ok)) return {};
  return "has blanks, or characters that are not ASCII";
}

}  // namespace assay
