#include <algorithm>
#include <cmath>
#include <set>

#include "evaluation/data/json_cursor.hpp"
#include "evaluation/judges/assignment.hpp"
#include "evaluation/judges/text_judge.hpp"
#include "evaluation/text/articles.hpp"
#include "evaluation/text/number.hpp"
#include "evaluation/text/unicode.hpp"

/// DROP (allenai `drop_eval.py`, lm-evaluation-harness `tasks/drop/utils.py`). Not SQuAD's F1: sets
/// of words, numbers must agree, and the spans of both sides are paired one to one.
namespace assay::evaluation {

namespace {

constexpr std::size_t max_spans = 200;

std::string normalize_token(std::string_view token) {
  auto text = lower(token);
  if (!python_float(text)) text = remove_punctuation(text);
  if (auto number = python_float(text)) text = python_repr(*number);
  return collapse_space(without_articles(text));
}

/// Splits on space and hyphen, normalises each token and joins what is left.
std::string normalize(std::string_view text) {
  std::string out;
  while (true) {
    auto end = text.find_first_of(" -");
    if (auto token = normalize_token(text.substr(0, end)); !token.empty())
      out += (out.empty() ? "" : " ") + token;
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

using bag = std::set<std::string>;

struct spans {
  std::vector<std::string> texts;
  std::vector<bag> bags;
};

/// A JSON array of strings is several spans, anything else is one.
spans read_spans(const std::string& text) {
  std::vector<std::string> raw;
  auto clean = strip(text);
  bool array = !clean.empty() && clean.front() == '[' &&
               each_element(clean, [&](value_kind kind, std::string_view value) {
                 raw.push_back(text_of(kind, value));
               });
  if (!array || raw.empty()) raw = {text};
  spans made;
  for (auto& span : raw) {
    made.texts.push_back(normalize(span));
    auto words = split(made.texts.back());
    made.bags.emplace_back(words.begin(), words.end());
  }
  return made;
}

bag numbers_of(const bag& words) {
  bag numbers;
  for (auto& word : words)
    if (python_float(word)) numbers.insert(word);
  return numbers;
}

bool overlap(const bag& a, const bag& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& word) { return b.count(word); });
}

double set_f1(const bag& got, const bag& wanted) {
  auto numbers = numbers_of(wanted);
  if (!numbers.empty() && !overlap(numbers, numbers_of(got))) return 0;
  auto common = static_cast<double>(std::count_if(
      wanted.begin(), wanted.end(), [&](const std::string& word) { return got.count(word); }));
  auto precision = got.empty() ? 1.0 : common / static_cast<double>(got.size());
  auto recall = wanted.empty() ? 1.0 : common / static_cast<double>(wanted.size());
  return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
}

double exact_match(const spans& got, const spans& wanted) {
  std::set<std::string> a(got.texts.begin(), got.texts.end());
  std::set<std::string> b(wanted.texts.begin(), wanted.texts.end());
  return a == b && got.texts.size() == wanted.texts.size();
}

/// Mean over the larger side, to two decimals.
double aligned_f1(const spans& got, const spans& wanted) {
  std::vector<std::vector<double>> gain;
  for (auto& gold : wanted.bags) {
    auto& row = gain.emplace_back();
    for (auto& predicted : got.bags) row.push_back(set_f1(predicted, gold));
  }
  auto larger = std::max(got.bags.size(), wanted.bags.size());
  return std::nearbyint(best_assignment(gain) / static_cast<double>(larger) * 100) / 100;
}

/// Reads the first `Answer: ...` line as simple-evals does, else the whole text; F1 is the score,
/// exact match stands in the explanation.
class drop_judge : public text_judge {
 public:
  using text_judge::text_judge;

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    static const auto pattern = regex::compile(R"((?i)Answer\s*:\s*([^\n]+))", "").value();
    auto line = pattern.find(text);
    auto extracted = line.status == search_status::found ? std::string(line.text) : text;
    auto got = read_spans(extracted);
    if (got.texts.size() > max_spans) return scored(0, extracted, "more than 200 spans");
    double f1 = 0, em = 0;
    bool usable = false;
    for (auto& target : asked.targets) {
      if (strip(target).empty()) continue;
      auto wanted = read_spans(clean_target(target));
      if (wanted.texts.size() > max_spans) continue;
      usable = true;
      f1 = std::max(f1, aligned_f1(got, wanted));
      em = std::max(em, exact_match(got, wanted));
    }
    if (!usable) return unscored("the sample has no target");
    return scored(f1, extracted, em == 1 ? "exact match" : "no exact match");
  }
};

}  // namespace

made_judge make_drop(const judge_settings& settings, const std::string& where) {
  return with_filters<drop_judge>(settings.filters, where);
}

}  // namespace assay::evaluation
