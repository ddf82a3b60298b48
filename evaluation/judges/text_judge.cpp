#include "evaluation/judges/text_judge.hpp"

#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {
constexpr std::size_t shown_bytes = 500;

/// A text short enough to stand in a verdict, cut between characters.
std::string shortened(std::string text) {
  if (text.size() <= shown_bytes) return text;
  auto end = shown_bytes;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}
}  // namespace

verdict scored(double score, std::string extracted, std::string explanation) {
  verdict v;
  v.scored = true;
  v.score = score;
  v.extracted = std::move(extracted);
  v.explanation = std::move(explanation);
  return v;
}

verdict unscored(std::string explanation) {
  verdict v;
  v.explanation = std::move(explanation);
  return v;
}

std::string clean_target(const std::string& target) {
  return is_utf8(target) ? target : repair_utf8(target);
}

verdict text_judge::score(const sample& asked, const answer& reply) const {
  auto result = filters_.apply(is_utf8(reply.text) ? reply.text : repair_utf8(reply.text));
  if (result.status == search_status::gave_up) return unscored(std::move(result.note));
  if (result.status == search_status::none) return scored(0, "[invalid]", std::move(result.note));
  auto v = compare(asked, result.text);
  if (v.extracted.empty()) v.extracted = std::move(result.text);
  v.extracted = shortened(std::move(v.extracted));
  return v;
}

expected<normalizer> normalizer::make(const judge_settings& settings, const std::string& where) {
  normalizer made;
  for (auto& pattern : settings.regexes_to_ignore) {
    auto compiled = regex::compile(pattern, where + ", regexes_to_ignore");
    if (!compiled) return tl::make_unexpected(compiled.error());
    made.ignored_.push_back(std::move(*compiled));
  }
  made.case_ = settings.ignore_case;
  made.punctuation_ = settings.ignore_punctuation;
  made.numbers_ = settings.ignore_numbers;
  return made;
}

bool normalizer::apply(std::string& text) const {
  for (auto& pattern : ignored_)
    if (!pattern.replace_all(text, "")) return false;
  if (case_) text = lower(text);
  if (punctuation_) text = remove_punctuation(text);
  if (numbers_) text = remove_digits(text);
  return true;
}

}  // namespace assay::evaluation
