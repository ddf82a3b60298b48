#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace assay::evaluation {

/// The words of a text in lower case: runs of letters, marks and digits. Han characters and
/// Hiragana, which are written without spaces, are words one by one. Malformed bytes separate.
std::vector<std::string> words(std::string_view text);

/// A text that was found.
struct ranked {
  std::size_t index = 0;  ///< among the texts of the index
  double score = 0;       ///< above 0

  bool operator==(const ranked&) const = default;
};

/// Ranks texts by the words that they share with a query: Okapi BM25 with k1 = 1.2, b = 0.75 and
/// the weight ln(1 + (N - n + 0.5) / (n + 0.5)) of a word that n of N texts have (Robertson and
/// Zaragoza, The Probabilistic Relevance Framework, 2009, with the 1 that keeps weights positive).
/// Immutable, may be shared between threads.
class bm25 {
 public:
  explicit bm25(const std::vector<std::string>& texts);

  /// The best `most` texts that share a word with the query, best first; among equals the earlier
  /// text. A word that the query repeats counts as often.
  std::vector<ranked> rank(std::string_view query, std::size_t most) const;

  std::size_t size() const { return lengths_.size(); }

 private:
  struct occurrence {
    std::uint32_t text;
    std::uint32_t times;
  };

  std::unordered_map<std::string, std::vector<occurrence>> occurrences_;
  std::vector<std::size_t> lengths_;  ///< in words
  double mean_length_ = 1;
};

}  // namespace assay::evaluation
