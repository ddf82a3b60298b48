#include "providers/simulated/answer_book.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <functional>

namespace assay::simulated {

namespace {

constexpr std::size_t beginning = 16;
constexpr std::size_t filter_bits = std::size_t{1} << 18;

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// REQUIRES: 16 readable bytes at `p`.
std::uint64_t hash_beginning(const char* p) {
  std::uint64_t a, b;
  std::memcpy(&a, p, 8);
  std::memcpy(&b, p + 8, 8);
  const std::uint64_t h = (a ^ (b << 32 | b >> 32)) * 0x9e3779b97f4a7c15ULL ^ b;
  return (h ^ h >> 29) * 0xbf58476d1ce4e5b9ULL;
}

std::size_t filter_bit(std::uint64_t hash) { return hash >> 40 & (filter_bits - 1); }

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// True if text[at, at + length) neither begins nor ends within a word or number.
bool stands_alone(std::string_view text, std::size_t at, std::size_t length) {
  const std::size_t end = at + length;
  if (at > 0 && is_word(text[at - 1]) && is_word(text[at])) return false;
  return end >= text.size() || !is_word(text[end]) || !is_word(text[end - 1]);
}

/// Frees what neither the search nor the answers need.
void slim(sample& s) {
  s.input = std::string(trim(s.input));
  s.fields = {};
  s.tags = {};
}

}  // namespace

answer_book::answer_book(std::vector<sample> samples)
    : samples_(std::move(samples)), seen_(filter_bits) {
  for (auto& s : samples_) {
    slim(s);
    if (s.input.size() >= beginning) {
      const auto hash = hash_beginning(s.input.data());
      by_beginning_[hash].push_back(&s);
      seen_[filter_bit(hash)] = true;
    } else if (!s.input.empty()) {
      short_ones_.try_emplace(s.input, &s);
      short_lengths_.push_back(s.input.size());
    }
  }
  for (auto& [hash, bucket] : by_beginning_)
    std::stable_sort(bucket.begin(), bucket.end(), [](const sample* a, const sample* b) {
      return a->input.size() > b->input.size();
    });
  std::sort(short_lengths_.begin(), short_lengths_.end(), std::greater{});
  short_lengths_.erase(std::unique(short_lengths_.begin(), short_lengths_.end()),
                       short_lengths_.end());
}

const sample* answer_book::find(std::string_view prompt) const {
  match best;
  find_long(prompt, best);
  if (!best.what) find_short(prompt, best);
  return best.what;
}

void answer_book::find_long(std::string_view prompt, match& best) const {
  if (by_beginning_.empty()) return;
  for (std::size_t at = 0; at + beginning <= prompt.size(); ++at) {
    const auto hash = hash_beginning(prompt.data() + at);
    if (!seen_[filter_bit(hash)]) continue;
    const auto bucket = by_beginning_.find(hash);
    if (bucket == by_beginning_.end()) continue;
    for (const sample* s : bucket->second) {
      if (s->input.size() < best.length) break;
      if (prompt.substr(at, s->input.size()) != s->input) continue;
      if (!stands_alone(prompt, at, s->input.size())) continue;
      best = {s, s->input.size()};
      break;
    }
  }
}

void answer_book::find_short(std::string_view prompt, match& best) const {
  for (const std::size_t length : short_lengths_) {
    for (std::size_t at = 0; at + length <= prompt.size(); ++at) {
      const auto found = short_ones_.find(prompt.substr(at, length));
      if (found != short_ones_.end() && stands_alone(prompt, at, length))
        best = {found->second, length};
    }
    if (best.what) return;
  }
}

}  // namespace assay::simulated
