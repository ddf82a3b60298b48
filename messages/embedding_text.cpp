#include "messages/embedding_text.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace assay {

namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i)
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

static_assert(std::endian::native == std::endian::little);

void append_base64(std::string& out, std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto left = bytes.substr(i, 3);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < left.size() ? static_cast<unsigned char>(left[j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= left.size() ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
}

/// The bytes, or none if the text is no base64.
std::string bytes_of(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t group = 0;
  int bits = 0;
  for (unsigned char c : text) {
    if (values[c] == no_digit) return {};
    group = group << 6 | values[c];
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 0xff);
  }
  return bytes;
}

}  // namespace

std::string embedding_text(const std::vector<std::vector<float>>& vectors) {
  std::string text;
  for (const auto& v : vectors) {
    if (!text.empty()) text += '\n';
    append_base64(text, {reinterpret_cast<const char*>(v.data()), v.size() * sizeof(float)});
  }
  return text;
}

std::vector<float> read_embedding(std::string_view base64) {
  auto bytes = bytes_of(base64);
  if (bytes.size() % sizeof(float) != 0) return {};
  std::vector<float> vector(bytes.size() / sizeof(float));
  std::memcpy(vector.data(), bytes.data(), bytes.size());
  return vector;
}

expected<std::vector<std::vector<float>>> read_embeddings(std::string_view text) {
  std::vector<std::vector<float>> vectors;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    vectors.push_back(read_embedding(line));
    if (vectors.back().empty())
      return fail("embedding " + std::to_string(vectors.size()),
                  "this is not the base64 of 32-bit floats");
  }
  return vectors;
}

}  // namespace assay
