#include "providers/simulated/embedding.hpp"

#include <cctype>
#include <cmath>
#include <string>

#include "providers/simulated/draws.hpp"

namespace assay::simulated {

namespace {

bool in_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte);
}

}  // namespace

std::vector<float> embed(std::string_view text, std::string_view model, std::size_t dimensions) {
  std::vector<float> vector(dimensions);
  const auto start = hash_bytes(model, 0);
  const auto add = [&](std::string_view word) {
    const auto bits = hash_bytes(word, start);
    vector[bits % dimensions] += bits >> 63 ? 1.0f : -1.0f;
  };
  std::string word;
  for (const char c : text) {
    if (in_word(c)) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      add(word);
      word.clear();
    }
  }
  if (!word.empty()) add(word);
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * x;
  if (squares == 0) {  // no words, or words that cancel out
    vector[0] = squares = 1;
  }
  for (float& x : vector) x = static_cast<float>(x / std::sqrt(squares));
  return vector;
}

}  // namespace assay::simulated
