#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/extraction/documents.hpp"

namespace assay::evaluation {

/// A part of a document. Invariant: begins and ends with a character that is not white space, and
/// not within a character.
struct passage {
  std::size_t document = 0;  ///< index
  std::size_t begin = 0;     ///< bytes
  std::size_t end = 0;
  std::size_t first_line = 1;  ///< from 1
  std::size_t last_line = 1;

  bool operator==(const passage&) const = default;
};

std::string_view text_of(const passage&, const std::vector<document>&);

/// `7` or `3-9`.
std::string lines_of(const passage&);

/// Cuts documents into passages of at most `longest` bytes: after a paragraph if one ends in their
/// second half, else after a sentence, a line, a word, or anywhere. The next passage begins at the
/// first line or sentence (else word) among the last `overlap` bytes of the one before. Nothing but
/// white space is left out. REQUIRES: `longest >= 8`, `overlap < longest / 2`.
std::vector<passage> cut_passages(const std::vector<document>&, std::size_t longest,
                                  std::size_t overlap);

}  // namespace assay::evaluation
