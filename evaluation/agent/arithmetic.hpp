#pragma once

#include <string>
#include <string_view>

#include "messages/problem.hpp"

namespace assay::evaluation {

/// The value of an arithmetic expression in decimal arithmetic of 50 digits, so that 0.1 + 0.2 is
/// 0.3: whole numbers in full (below 1e40), others to 20 significant digits.
///
/// `+ - * / % ^` with the usual precedence (`**` is `^`; `^` binds to the right and before a sign;
/// the remainder has the sign of the divisor), parentheses, `pi`, `e`, and abs, ceil, cos, exp,
/// floor, ln, log (natural, or to a base), log10, log2, max, mean, min, round (half away from zero,
/// to so many digits), sin, sqrt, sum, tan.
///
/// A problem says what is wrong and at which character. Expressions of more than 4,000 characters
/// or 100 levels and results beyond 1e1000 are refused.
expected<std::string> calculate(std::string_view expression);

}  // namespace assay::evaluation
