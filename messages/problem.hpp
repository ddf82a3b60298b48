#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace assay {

/// What a person needs to mend a bad input. All three parts are plain sentences without a final
/// dot.
struct problem {
  /// Place: `file:line:column`, a field path, a sample id, an URL; empty if there is none.
  std::string where;
  /// What was found and what was expected.
  std::string what;
  /// What to do about it; empty if `what` says it already.
  std::string fix;

  bool operator==(const problem&) const = default;
};

/// `where: what (fix)`, leaving out what is empty.
std::string render(const problem&);

/// A value, or the first problem met on the way to it.
template <class T>
using expected = tl::expected<T, problem>;

/// A value, or every problem of an input, in the order of the input.
template <class T>
using checked = tl::expected<T, std::vector<problem>>;

/// Shorthand for returning a problem from a function that returns `expected`.
inline tl::unexpected<problem> fail(std::string where, std::string what, std::string fix = {}) {
  return tl::make_unexpected(problem{std::move(where), std::move(what), std::move(fix)});
}

/// The candidate closest to `word` by edit distance, or empty if none is close enough to be meant.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace assay
