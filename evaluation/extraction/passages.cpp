#include "evaluation/extraction/passages.hpp"

#include <algorithm>

namespace assay::evaluation {

namespace {

/// What ends before a place, the better to cut there the higher.
enum class border : std::uint8_t { none, character, word, line, sentence, paragraph };

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Of the text before a border: a mark that ends a sentence, perhaps with a quote or bracket.
bool ends_sentence(std::string_view text) {
  while (!text.empty() && std::string_view("\"')]").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  return text.ends_with('.') || text.ends_with('!') || text.ends_with('?');
}

/// Ideographic full stop and the wide marks: no space follows them.
bool ends_wide_sentence(std::string_view text) {
  return text.ends_with("\u3002") || text.ends_with("\uFF01") || text.ends_with("\uFF1F");
}

class cutter {
 public:
  cutter(std::string_view text, std::size_t longest, std::size_t overlap)
      : text_(text), longest_(longest), overlap_(overlap) {
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') line_ends_.push_back(i);
  }

  void cut(std::size_t document, std::vector<passage>& out) const {
    std::size_t covered = 0;
    for (auto begin = skip_space(0); begin < text_.size();) {
      auto end = text_.size() - begin <= longest_ ? text_.size() : best_cut(begin);
      auto last = trimmed(end);
      if (last > covered) out.push_back({document, begin, last, line_of(begin), line_of(last - 1)});
      covered = std::max(covered, last);
      if (skip_space(end) == text_.size()) return;
      begin = next_begin(end);
    }
  }

 private:
  border border_at(std::size_t at) const {
    if ((static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80) return border::none;
    if (ends_wide_sentence(text_.substr(0, at))) return border::sentence;
    if (is_space(text_[at]) || !is_space(text_[at - 1])) return border::character;
    auto before = trimmed(at);
    auto lines = std::count(text_.begin() + static_cast<std::ptrdiff_t>(before),
                            text_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    if (lines > 1) return border::paragraph;
    if (ends_sentence(text_.substr(0, before))) return border::sentence;
    return lines == 1 ? border::line : border::word;
  }

  /// The last of the best borders in the second half of a passage that begins at `begin`.
  std::size_t best_cut(std::size_t begin) const {
    auto best = begin + longest_;
    auto kind = border::none;
    for (auto at = begin + longest_; at > begin + longest_ / 2; --at) {
      auto here = border_at(at);
      if (here <= kind) continue;
      kind = here;
      best = at;
      if (kind == border::paragraph) break;
    }
    return best;
  }

  /// Where the passage after one that ends at `end` begins.
  std::size_t next_begin(std::size_t end) const {
    auto word = end;
    for (auto at = end - overlap_; at < end; ++at) {
      auto here = border_at(at);
      if (here >= border::line) return skip_space(at);
      if (here == border::word) word = std::min(word, at);
    }
    return skip_space(word);
  }

  std::size_t skip_space(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at;
  }

  /// The end of what is not white space before `end`.
  std::size_t trimmed(std::size_t end) const {
    while (end > 0 && is_space(text_[end - 1])) --end;
    return end;
  }

  std::size_t line_of(std::size_t at) const {
    auto next = std::lower_bound(line_ends_.begin(), line_ends_.end(), at);
    return 1 + static_cast<std::size_t>(next - line_ends_.begin());
  }

  std::string_view text_;
  std::size_t longest_;
  std::size_t overlap_;
  std::vector<std::size_t> line_ends_;
};

}  // namespace

std::string_view text_of(const passage& p, const std::vector<document>& documents) {
  return std::string_view(documents[p.document].text).substr(p.begin, p.end - p.begin);
}

std::string lines_of(const passage& p) {
  auto first = std::to_string(p.first_line);
  return p.first_line == p.last_line ? first : first + "-" + std::to_string(p.last_line);
}

std::vector<passage> cut_passages(const std::vector<document>& documents, std::size_t longest,
                                  std::size_t overlap) {
  std::vector<passage> out;
  for (std::size_t i = 0; i < documents.size(); ++i)
    cutter(documents[i].text, longest, overlap).cut(i, out);
  return out;
}

}  // namespace assay::evaluation
