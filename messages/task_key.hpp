#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace assay {

/// The identity of one unit of work: the first 128 bits of a SHA-256 over what determines the
/// answer. Equal keys mean that asking again would ask the very same thing.
struct task_key {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const task_key&) const = default;
  bool empty() const { return *this == task_key{}; }
};

/// 32 hexadecimal digits.
std::string to_string(const task_key&);

/// Reads the 32 digits that `to_string` writes; an empty key if the text is anything else.
task_key parse_task_key(std::string_view hex);

/// Hashes a sequence of parts; every part is length-prefixed, so that ("ab","c") and ("a","bc")
/// differ.
task_key hash_parts(std::initializer_list<std::string_view> parts);

}  // namespace assay

template <>
struct std::hash<assay::task_key> {
  std::size_t operator()(const assay::task_key& key) const noexcept {
    std::size_t h;
    std::memcpy(&h, key.bytes.data(), sizeof h);
    return h;
  }
};
