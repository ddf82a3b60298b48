#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay::dialects {

/// The words of JSON text (RFC 8259), strictly: what is not JSON, bytes that are not UTF-8 (RFC
/// 3629) and lone surrogates included, is refused. Copies a string only if it has escapes. A byte
/// order mark at the start is passed over.
class json_lexer {
 public:
  static constexpr int end = -1;

  explicit json_lexer(std::string_view text);

  /// The byte with which the next word begins, or `end`.
  int peek();
  /// Where that byte, or else the next one, stands in the text.
  const char* position() const { return at_; }
  /// Passes over that byte: a bracket, a comma, a colon.
  void skip() { ++at_; }

  struct number_value {
    double value = 0;
    std::int64_t integer = 0;  ///< without its fraction, 0 if it does not fit
  };

  // Each takes the word at hand; false: it is not one of this kind.

  /// `out` is valid until the next call.
  bool string(std::string_view& out);
  /// False also if it is too large for a double.
  bool number(number_value& out);
  /// `true`, `false`, `null`.
  bool word(std::string_view expected);

 private:
  bool plain_run();
  bool escape();
  bool unicode_escape();
  bool four_hex_digits(std::uint32_t& out);
  bool digits();

  const char* at_;
  const char* end_;
  std::string decoded_;
};

}  // namespace assay::dialects
