#include <algorithm>
#include <unordered_map>

#include "evaluation/judges/text_judge.hpp"
#include "evaluation/text/articles.hpp"
#include "evaluation/text/unicode.hpp"

/// SQuAD v1.1, official script (also HF `metrics/squad`): exact match and F1 over multisets of
/// words.
namespace assay::evaluation {

namespace {

std::string normalize(std::string_view text) {
  return collapse_space(without_articles(remove_punctuation(lower(text))));
}

/// F1 of two bags of words; 0 without overlap, so two empty texts have 0.
double bag_f1(std::string_view got, std::string_view wanted) {
  auto got_words = split(got), wanted_words = split(wanted);
  std::unordered_map<std::string_view, int> left;
  for (auto word : wanted_words) ++left[word];
  int common = 0;
  for (auto word : got_words)
    if (auto found = left.find(word); found != left.end() && found->second > 0) {
      --found->second;
      ++common;
    }
  if (common == 0) return 0;
  auto precision = static_cast<double>(common) / static_cast<double>(got_words.size());
  auto recall = static_cast<double>(common) / static_cast<double>(wanted_words.size());
  return 2 * precision * recall / (precision + recall);
}

double same_text(std::string_view got, std::string_view wanted) { return got == wanted; }

/// The best measure over all targets, both sides normalised.
class squad_judge : public text_judge {
 public:
  using measure = double (*)(std::string_view got, std::string_view wanted);

  squad_judge(filter_chain filters, measure m) : text_judge(std::move(filters)), measure_(m) {}

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    if (asked.targets.empty()) return unscored("the sample has no target");
    auto got = normalize(text);
    double best = 0;
    for (auto& target : asked.targets)
      best = std::max(best, measure_(got, normalize(clean_target(target))));
    return scored(best, got);
  }

  measure measure_;
};

}  // namespace

made_judge make_squad_em(const judge_settings& settings, const std::string& where) {
  return with_filters<squad_judge>(settings.filters, where, &same_text);
}

made_judge make_squad_f1(const judge_settings& settings, const std::string& where) {
  return with_filters<squad_judge>(settings.filters, where, &bag_f1);
}

}  // namespace assay::evaluation
