#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "messages/sample.hpp"

namespace assay::simulated {

/// Finds the sample that a prompt asks about: the one whose input text occurs in it.
///
/// Inputs are indexed by a hash of their first 16 bytes, which slides over the prompt; whatever it
/// hits is compared in full. Shorter inputs are looked up by length. Blanks around an input do not
/// count, and a match must not begin or end within a word or number ("1 + 2" is not in "11 + 2").
class answer_book {
 public:
  explicit answer_book(std::vector<sample>);

  /// The sample with the longest input that occurs in `prompt`; of equally long ones the one that
  /// occurs last, of equal inputs the first in the list. Null if there is none.
  const sample* find(std::string_view prompt) const;

 private:
  struct match {
    const sample* what = nullptr;
    std::size_t length = 0;
  };

  void find_long(std::string_view prompt, match& best) const;
  void find_short(std::string_view prompt, match& best) const;

  std::vector<sample> samples_;  ///< without what nobody here reads
  std::unordered_map<std::uint64_t, std::vector<const sample*>> by_beginning_;  ///< longest first
  std::unordered_map<std::string_view, const sample*> short_ones_;
  std::vector<std::size_t> short_lengths_;  ///< that occur, longest first
  std::vector<bool> seen_;  ///< a bit per low part of a beginning's hash: rejects most positions
};

}  // namespace assay::simulated
