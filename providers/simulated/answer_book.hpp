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
  /// occurs last. Of samples with the same input the one of whose choices and fields the prompt
  /// holds most, else the first. Null if there is none.
  const sample* find(std::string_view prompt) const;

 private:
  using group = std::vector<const sample*>;

  std::string_view find_long(std::string_view prompt) const;
  std::string_view find_short(std::string_view prompt) const;

  std::vector<sample> samples_;  ///< without what nobody here reads
  std::unordered_map<std::string_view, group> by_input_;
  /// Inputs by the hash of their beginning, longest first.
  std::unordered_map<std::uint64_t, std::vector<std::string_view>> by_beginning_;
  std::vector<std::size_t> short_lengths_;  ///< that occur, longest first
  std::vector<bool> seen_;  ///< a bit per low part of a beginning's hash: rejects most positions
};

}  // namespace assay::simulated
