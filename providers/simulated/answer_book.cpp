#include "providers/simulated/answer_book.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <functional>

#include "providers/simulated/programs.hpp"
#include "providers/simulated/tool_script.hpp"

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

/// How much of what tells this sample from others with its input stands in the prompt.
std::size_t details_in(std::string_view prompt, const sample& s) {
  std::size_t bytes = 0;
  const auto add = [&](std::string_view detail) {
    detail = trim(detail);
    if (detail != s.input && prompt.find(detail) != std::string_view::npos) bytes += detail.size();
  };
  for (const auto& choice : s.choices) add(choice);
  for (const auto& [name, value] : s.fields) add(value);
  return bytes;
}

/// A model solution is an answer, a script what to say; other fields only tell samples with the
/// same input apart.
void keep_only_parts(std::vector<std::pair<std::string, std::string>>& fields) {
  fields.erase(std::remove_if(fields.begin(), fields.end(),
                              [](const auto& f) {
                                return f.first != solution_field && f.first != script_field;
                              }),
               fields.end());
  fields.shrink_to_fit();
}

}  // namespace

answer_book::answer_book(std::vector<sample> samples)
    : samples_(std::move(samples)), seen_(filter_bits) {
  for (auto& s : samples_) {
    s.input = std::string(trim(s.input));
    s.tags = {};
    if (!s.input.empty()) by_input_[s.input].push_back(&s);
  }
  for (auto& s : samples_)
    if (s.input.empty() || by_input_[s.input].size() == 1) keep_only_parts(s.fields);
  for (const auto& [input, same] : by_input_) {
    if (input.size() < beginning) {
      short_lengths_.push_back(input.size());
      continue;
    }
    const auto hash = hash_beginning(input.data());
    by_beginning_[hash].push_back(input);
    seen_[filter_bit(hash)] = true;
  }
  const auto longer = [](std::string_view a, std::string_view b) { return a.size() > b.size(); };
  for (auto& [hash, inputs] : by_beginning_) std::sort(inputs.begin(), inputs.end(), longer);
  std::sort(short_lengths_.begin(), short_lengths_.end(), std::greater{});
  short_lengths_.erase(std::unique(short_lengths_.begin(), short_lengths_.end()),
                       short_lengths_.end());
}

const sample* answer_book::find(std::string_view prompt) const {
  auto input = find_long(prompt);
  if (input.empty()) input = find_short(prompt);
  if (input.empty()) return nullptr;
  const auto& same = by_input_.at(input);
  if (same.size() == 1) return same.front();
  return *std::max_element(same.begin(), same.end(), [&](const sample* a, const sample* b) {
    return details_in(prompt, *a) < details_in(prompt, *b);
  });
}

std::string_view answer_book::find_long(std::string_view prompt) const {
  std::string_view best;
  if (by_beginning_.empty()) return best;
  for (std::size_t at = 0; at + beginning <= prompt.size(); ++at) {
    const auto hash = hash_beginning(prompt.data() + at);
    if (!seen_[filter_bit(hash)]) continue;
    const auto bucket = by_beginning_.find(hash);
    if (bucket == by_beginning_.end()) continue;
    for (const auto input : bucket->second) {
      if (input.size() < best.size()) break;
      if (prompt.substr(at, input.size()) != input) continue;
      if (!stands_alone(prompt, at, input.size())) continue;
      best = input;
      break;
    }
  }
  return best;
}

std::string_view answer_book::find_short(std::string_view prompt) const {
  std::string_view best;
  for (const std::size_t length : short_lengths_) {
    for (std::size_t at = 0; at + length <= prompt.size(); ++at) {
      const auto found = by_input_.find(prompt.substr(at, length));
      if (found != by_input_.end() && stands_alone(prompt, at, length)) best = found->first;
    }
    if (!best.empty()) break;
  }
  return best;
}

}  // namespace assay::simulated
