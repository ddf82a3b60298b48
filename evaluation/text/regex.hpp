#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "messages/problem.hpp"

namespace assay::evaluation {

/// What looking for a pattern came to.
enum class search_status : std::uint8_t {
  found,
  none,
  gave_up,  ///< the match limit was hit: the pattern backtracks too much on this text
};

struct search_result {
  search_status status = search_status::none;
  std::string_view text;  ///< part of the subject
};

/// A compiled pattern with the meaning it has in Python's `re` for `str`: Unicode `\d \w \s \b`,
/// `.` stops at `\n` only, `\Z` is the very end, `\uXXXX` is a code point. PCRE2 with JIT; every
/// search is bounded. Immutable, cheap to copy, may be shared between threads.
class regex {
 public:
  /// A problem names `where`, what is wrong and the offset of the fault.
  static expected<regex> compile(std::string_view pattern, std::string_view where);

  /// `re.findall(pattern, subject)[select]`; of several groups the first that is not empty, as
  /// lm-evaluation-harness reads it. `none` if there are fewer matches, or all groups are empty.
  /// REQUIRES: well-formed UTF-8.
  search_result find(std::string_view subject, int select = 0) const;

  /// `re.sub(pattern, replacement, subject)` in place; `\1` ... `\9` stand for groups. False if it
  /// gave up; the text is then unchanged. REQUIRES: well-formed UTF-8.
  bool replace_all(std::string& subject, std::string_view replacement) const;

  /// Number of capture groups.
  unsigned groups() const { return groups_; }

 private:
  struct scanner;
  std::shared_ptr<void> code_;
  unsigned groups_ = 0;
};

}  // namespace assay::evaluation
