#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace assay::evaluation {

enum class value_kind : std::uint8_t { string, number, boolean, null, structure };

/// Reads JSON (RFC 8259) in one pass over a text without building a tree: values are handed out as
/// slices, so numbers keep the text they have in the file. Nesting is bounded.
///
/// Every function skips white space first and returns false at a fault; `fault()` then says what
/// was wrong and `position()` where. REQUIRES: well-formed UTF-8.
class json_cursor {
 public:
  static constexpr int max_depth = 128;

  explicit json_cursor(std::string_view text) : text_(text) {}

  /// The next character that is not white space; 0 at the end.
  char peek();
  /// Consumes `c` if it is next.
  bool take(char c);
  /// A string, unescaped.
  bool read_string(std::string& out);
  /// Any value: its kind and its slice of the text.
  bool read_value(value_kind& kind, std::string_view& raw);
  /// The end of the text.
  bool read_end();

  std::size_t position() const { return at_; }
  const char* fault() const { return fault_; }

 private:
  bool fail(const char* fault);
  bool skip_string();
  bool skip_number();
  bool skip_word(std::string_view word);
  bool skip_object(int depth);
  bool skip_array(int depth);
  bool skip_value(value_kind& kind, int depth);
  bool read_escape(std::string& out);
  bool read_hex4(unsigned& unit);

  std::string_view text_;
  std::size_t at_ = 0;
  const char* fault_ = "";
};

/// The text of a value as samples hold it: strings unescaped, everything else as it is in the file.
std::string text_of(value_kind, std::string_view raw);

using element_sink = std::function<void(value_kind, std::string_view raw)>;
using member_sink = std::function<void(std::string&& name, value_kind, std::string_view raw)>;

/// Hands out the elements of a JSON array, or the members of a JSON object. False, and nothing or
/// only a part was handed out, if the text is not one.
bool each_element(std::string_view array, const element_sink&);
bool each_member(std::string_view object, const member_sink&);

/// The first JSON object in running text: in a fenced block if there is one, else the first `{...}`
/// that is well-formed. Empty if there is none.
std::string_view find_json_object(std::string_view text);

}  // namespace assay::evaluation
