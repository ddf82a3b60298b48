#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/sample.hpp"

/// What the simulated models say. Tokens are four characters (code points) each.
namespace assay::simulated {

/// The right answer in the form that judges of its kind of dataset read: `#### 18` after a line of
/// reasoning, `ANSWER: B`, or the target itself. Empty if the sample has no target.
std::string right_answer(const sample&);

/// An answer that no judge may take for right: another number (far enough off for tolerances, and
/// no power of ten away), another letter, or a phrase that contains none of the targets.
std::string wrong_answer(const sample&, std::uint64_t bits);

/// The sum for a prompt that contains `a + b` (at most 15 digits each), else nothing.
std::optional<std::int64_t> arithmetic(std::string_view prompt);

/// Number of tokens of `text`.
std::int64_t count_tokens(std::string_view text);

/// The tokens of `text` as pieces of it, four code points each, the last one perhaps shorter.
std::vector<std::string_view> split_tokens(std::string_view text);

/// `answer` with filler words in front, so that it has `tokens` tokens (if it is shorter). The
/// filler holds no digit, no '#', no single letter and none of the `targets`.
std::string lengthen(std::string_view answer, std::int64_t tokens, std::uint64_t bits,
                     const std::vector<std::string>& targets);

}  // namespace assay::simulated
