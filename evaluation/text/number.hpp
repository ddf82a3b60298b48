#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::evaluation {

/// Python's `float(text)`: surrounding white space, `_` between digits, `inf`, `nan`; digits
/// of all scripts.
std::optional<double> python_float(std::string_view text);

/// Python's `str(x)` of a float, e.g. `5.0`, `1e+16`, `0.0001`, `1e-05`.
std::string python_repr(double x);

/// Python's `round(x, digits)`: correct in decimal, ties on the exact binary value.
double python_round(double x, int digits);

/// A number as people write it, e.g. `-$1,234.50`, `8%`, `(12.5)`, `1.2 million`.
struct quantity {
  double face = 0;       ///< the number as printed, with its sign
  double factor = 1;     ///< 0.01 for a percentage, 1e6 for `million`
  double half_unit = 0;  ///< half a unit of the last printed digit, as `face` counts
  std::string_view text;

  double value() const { return face * factor; }
  bool has_unit() const { return factor != 1; }
};

/// Reads a text that is one number and nothing else, apart from white space, currency signs (`$`,
/// U+00A3, U+20AC, U+00A5), Markdown's `*`, `_`, backticks, and a final dot. `(12.5)` is negative.
std::optional<quantity> read_quantity(std::string_view text);

/// The last number in running text. A number is not glued to a letter before it (`Q3` has none); a
/// minus sign counts unless a letter, digit or bracket stands before it (`10-5` ends in 5).
std::optional<quantity> last_quantity(std::string_view text);

/// `read_quantity`, else `last_quantity`.
std::optional<quantity> find_quantity(std::string_view text);

}  // namespace assay::evaluation
