#include "evaluation/text/bm25.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>

#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

constexpr double k1 = 1.2;
constexpr double b = 0.75;

bool is_word_part(utf8proc_int32_t c) {
  auto category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

bool is_word_alone(utf8proc_int32_t c) {
  return (c >= 0x3041 && c <= 0x309F) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x3FFFF);
}

double length_factor(double length, double mean) { return k1 * (1 - b + b * length / mean); }

}  // namespace

std::vector<std::string> words(std::string_view text) {
  auto lowered = lower(is_utf8(text) ? std::string(text) : repair_utf8(text));
  std::vector<std::string> found;
  std::string word;
  auto end_word = [&] {
    if (!word.empty()) found.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < lowered.size();) {
    utf8proc_int32_t c = -1;
    auto at = reinterpret_cast<const utf8proc_uint8_t*>(lowered.data()) + i;
    auto size = utf8proc_iterate(at, static_cast<utf8proc_ssize_t>(lowered.size() - i), &c);
    if (size < 1) break;
    if (!is_word_part(c) || is_word_alone(c)) end_word();
    if (is_word_part(c)) word.append(lowered, i, static_cast<std::size_t>(size));
    if (is_word_alone(c)) end_word();
    i += static_cast<std::size_t>(size);
  }
  end_word();
  return found;
}

bm25::bm25(const std::vector<std::string>& texts) {
  std::size_t total = 0;
  for (std::uint32_t i = 0; i < texts.size(); ++i) {
    auto found = words(texts[i]);
    lengths_.push_back(found.size());
    total += found.size();
    for (auto& word : found) {
      auto& in = occurrences_[std::move(word)];
      if (in.empty() || in.back().text != i) in.push_back({i, 0});
      ++in.back().times;
    }
  }
  if (total > 0) mean_length_ = static_cast<double>(total) / static_cast<double>(texts.size());
}

std::vector<ranked> bm25::rank(std::string_view query, std::size_t most) const {
  std::vector<double> scores(lengths_.size());
  for (const auto& word : words(query)) {
    auto at = occurrences_.find(word);
    if (at == occurrences_.end()) continue;
    auto having = static_cast<double>(at->second.size());
    auto weight = std::log(1 + (static_cast<double>(size()) - having + 0.5) / (having + 0.5));
    for (auto [text, times] : at->second) {
      auto n = static_cast<double>(times);
      auto damping = length_factor(static_cast<double>(lengths_[text]), mean_length_);
      scores[text] += weight * n * (k1 + 1) / (n + damping);
    }
  }
  std::vector<ranked> found;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i] > 0) found.push_back({i, scores[i]});
  auto better = [](const ranked& x, const ranked& y) {
    return x.score != y.score ? x.score > y.score : x.index < y.index;
  };
  auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(most, found.size()));
  std::partial_sort(found.begin(), end, found.end(), better);
  found.erase(end, found.end());
  return found;
}

}  // namespace assay::evaluation
