#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay {

/// Equal texts have equal digests, on every machine; an empty text has none (FNV-1a, 64 bits).
constexpr std::optional<std::int64_t> text_digest(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t digest = 14'695'981'039'346'656'037u;
  for (char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 1'099'511'628'211u;
  return static_cast<std::int64_t>(digest);
}

}  // namespace assay
