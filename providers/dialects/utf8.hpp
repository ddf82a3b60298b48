#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Foreign bytes made safe to keep: everything that leaves a dialect is valid UTF-8.
namespace assay::dialects {

/// `bytes` with every byte that is not part of a well-formed UTF-8 sequence (RFC 3629) replaced by
/// U+FFFD.
std::string repair_utf8(std::string_view bytes);

/// The same for JSON text; lone surrogate escapes (`\ud83d` without its other half) become
/// `\ufffd` besides.
std::string repair_json_text(std::string_view json);

/// The longest prefix of at most `most` bytes that does not end inside a character.
std::string_view clip_utf8(std::string_view text, std::size_t most);

}  // namespace assay::dialects
