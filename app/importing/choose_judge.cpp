#include <algorithm>
#include <cmath>

#include "app/importing/rows.hpp"
#include "evaluation/judge.hpp"

namespace assay::importing {

namespace {

/// A judge that a metric may stand for.
struct candidate {
  judge_settings settings;
  std::vector<std::pair<std::string, std::string>> keys;  ///< the same as TOML
};

candidate plain(const char* type) {
  candidate c;
  c.settings.name = c.settings.type = type;
  c.keys = {{"type", toml(type)}};
  return c;
}

candidate exact(bool stripped, bool any_case, bool punctuation) {
  auto c = plain("exact");
  if (stripped) {
    c.settings.filters = {{"strip", "", "", 0}};
    c.keys.emplace_back("filters", "[ { type = \"strip\" } ]");
  }
  if (any_case) c.keys.emplace_back("ignore_case", "true");
  if (punctuation) c.keys.emplace_back("ignore_punctuation", "true");
  c.settings.ignore_case = any_case;
  c.settings.ignore_punctuation = punctuation;
  return c;
}

/// The likely ones first: of equally good ones the first is taken.
std::vector<candidate> candidates(const std::string& task, const std::string& filter,
                                  const std::string& metric) {
  auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  std::vector<candidate> all;
  if (has(filter, "strict")) all.push_back(plain("gsm8k-strict"));
  if (has(filter, "flexible")) all.push_back(plain("gsm8k-flexible"));
  if (has(task, "drop")) all.push_back(plain("drop"));
  if (metric == "f1") all.push_back(plain("squad-f1"));
  if (has(task, "squad") && has(metric, "exact")) all.push_back(plain("squad-em"));
  for (bool stripped : {false, true})
    for (bool any_case : {false, true})
      for (bool punctuation : {false, true}) all.push_back(exact(stripped, any_case, punctuation));
  for (auto type : {"gsm8k-strict", "gsm8k-flexible", "squad-em", "squad-f1", "drop", "choice",
                    "mmlu-simple", "numeric", "includes"})
    all.push_back(plain(type));
  return all;
}

std::size_t agreement(const candidate& c, const std::vector<recorded_answer>& answers) {
  constexpr double rounding = 0.006;  // DROP and others round to two places
  auto judge = evaluation::make_judge(c.settings);
  if (!judge) return 0;
  return static_cast<std::size_t>(
      std::count_if(answers.begin(), answers.end(), [&](const recorded_answer& r) {
        sample item;
        item.targets = r.targets;
        answer reply;
        reply.text = r.text;
        auto verdict = (*judge)->score(item, reply);
        return verdict.scored && std::fabs(verdict.score - r.score) < rounding;
      }));
}

}  // namespace

chosen_judge choose_judge(const std::string& task, const std::string& filter,
                          const std::string& metric, const std::vector<recorded_answer>& answers) {
  chosen_judge best{{"judges", {}, {}}, 0};
  for (auto& c : candidates(task, filter, metric)) {
    auto agrees = agreement(c, answers);
    if (!best.declared.keys.empty() && agrees <= best.agrees) continue;
    best.declared.keys = c.keys;
    best.agrees = agrees;
  }
  return best;
}

}  // namespace assay::importing
