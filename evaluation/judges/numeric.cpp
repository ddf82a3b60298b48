#include <algorithm>
#include <cmath>

#include "evaluation/judges/text_judge.hpp"
#include "evaluation/text/number.hpp"
#include "evaluation/text/unicode.hpp"

/// Judges that compare numbers: numeric and docfinqa.
namespace assay::evaluation {

namespace {

/// Two numbers that agree to nine digits are the same number.
constexpr double same_number = 1e-9;

std::string number_text(double x) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.6g", x);
  return buffer;
}

bool within(double got, double wanted, double slack) {
  return std::fabs(got - wanted) <= std::max(slack, same_number * std::fabs(wanted));
}

/// The last number of the text against the targets; when only one side has a unit (`%`, `million`),
/// the numbers as printed may agree instead.
class numeric_judge : public text_judge {
 public:
  numeric_judge(filter_chain filters, double absolute, double relative)
      : text_judge(std::move(filters)), absolute_(absolute), relative_(relative) {}

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    auto got = find_quantity(text);
    bool usable = false;
    std::string difference;
    for (auto& target : asked.targets) {
      auto wanted = find_quantity(target);
      if (!wanted) continue;
      usable = true;
      if (!got) continue;
      if (agrees(got->value(), wanted->value())) return scored(1, std::string(got->text));
      if (got->has_unit() != wanted->has_unit() && agrees(got->face, wanted->face))
        return scored(1, std::string(got->text), "the units differ; compared as printed");
      difference = number_text(got->value()) + " is not " + number_text(wanted->value());
    }
    if (!usable) return unscored("no target of the sample is a number");
    if (!got) return scored(0, "[invalid]", "the answer has no number");
    return scored(0, std::string(got->text), difference);
  }

  bool agrees(double got, double wanted) const {
    return within(got, wanted, std::max(absolute_, relative_ * std::fabs(wanted)));
  }

  double absolute_;
  double relative_;
};

/// The last `Answer:` line if there is one, else the whole text.
std::string answer_line(const std::string& text) {
  static const auto pattern = regex::compile(R"((?i)Answer\s*:\s*([^\n]+))", "").value();
  auto line = pattern.find(text, -1);
  return line.status == search_status::found ? std::string(line.text) : text;
}

/// True for a gold answer that is a word and not a figure, e.g. `yes`.
bool same_word(std::string_view got, std::string_view wanted) {
  auto plain = [](std::string_view text) {
    return collapse_space(remove_punctuation(lower(text)));
  };
  return plain(got) == plain(wanted);
}

/// DocFinQA has no scorer of its own; the rule is the one of docs/judges.md: equal within the
/// larger of 1 % and half a unit of the gold answer's last printed digit; a match only after a
/// factor of 100 counts and is flagged.
class docfinqa_judge : public text_judge {
 public:
  using text_judge::text_judge;

 private:
  static constexpr double relative = 0.01;

  verdict compare(const sample& asked, const std::string& text) const override {
    if (asked.targets.empty()) return unscored("the sample has no target");
    auto line = answer_line(text);
    auto got = find_quantity(line);
    auto best = scored(0, got ? std::string(got->text) : line, "");
    for (auto& target : asked.targets) {
      auto v = against(clean_target(target), line, got);
      if (v.score > best.score || best.explanation.empty()) best = std::move(v);
      if (best.score == 1) break;
    }
    return best;
  }

  static verdict against(const std::string& target, const std::string& line,
                         const std::optional<quantity>& got) {
    auto wanted = find_quantity(target);
    if (!wanted) return scored(same_word(line, target) ? 1 : 0, line, "compared as words");
    if (!got) return scored(0, "[invalid]", "the answer has no number");
    auto gold = wanted->value();
    auto slack = std::max(relative * std::fabs(gold), wanted->half_unit * wanted->factor);
    auto error = [&](double value) {
      auto off = std::fabs(value - gold);
      return "relative error " + (gold == 0 ? "undefined" : number_text(off / std::fabs(gold)));
    };
    auto value = got->value();
    std::string extracted(got->text);
    if (within(value, gold, slack)) return scored(1, extracted, error(value));
    if (got->has_unit() != wanted->has_unit() && got->factor != 0.01 && wanted->factor != 0.01 &&
        within(got->face, wanted->face, slack / wanted->factor))
      return scored(1, extracted, "the units differ; compared as printed");
    for (auto factor : {0.01, 100.0})
      if (gold != 0 && within(value * factor, gold, slack))
        return scored(1, extracted, "only after a factor of 100; " + error(value * factor));
    return scored(0, extracted, error(value));
  }
};

}  // namespace

made_judge make_numeric(const judge_settings& settings, const std::string& where) {
  return with_filters<numeric_judge>(settings.filters, where, settings.tolerance,
                                     settings.relative_tolerance);
}

made_judge make_docfinqa(const judge_settings& settings, const std::string& where) {
  return with_filters<docfinqa_judge>(settings.filters, where);
}

}  // namespace assay::evaluation
