#include <cstdio>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "analysis/reliability.hpp"
#include "evaluation/judge.hpp"

using namespace assay;
using nlohmann::json;

namespace {

judge_settings settings_of(const json& stated) {
  judge_settings s;
  s.name = s.type = stated.at("type");
  s.ignore_case = stated.value("ignore_case", false);
  s.ignore_punctuation = stated.value("ignore_punctuation", false);
  s.ignore_numbers = stated.value("ignore_numbers", false);
  s.regexes_to_ignore = stated.value("regexes_to_ignore", std::vector<std::string>{});
  s.tolerance = stated.value("tolerance", 0.0);
  s.relative_tolerance = stated.value("relative_tolerance", 0.0);
  return s;
}

/// The judge of a line; each is made once.
const evaluation::rule_judge& judge_of(const json& stated) {
  static std::map<std::string, std::shared_ptr<const evaluation::rule_judge>> made;
  auto& judge = made[stated.dump()];
  if (!judge) judge = evaluation::make_judge(settings_of(stated)).value();
  return *judge;
}

/// pass@1 ... pass@n of one sample with `right` of `asked` answers right.
json pass_at(const json& line) {
  auto r = analysis::measure_reliability({{line.at("asked"), line.at("right")}});
  return r.pass_at;
}

json verdict_of(const json& line) {
  sample item;
  item.targets = line.at("targets").get<std::vector<std::string>>();
  item.choices = line.value("choices", std::vector<std::string>{});
  const auto fields = line.value("fields", json::object());
  for (auto& [name, text] : fields.items()) item.fields.emplace_back(name, text);
  answer reply;
  reply.text = line.at("text");
  auto v = judge_of(line.at("judge")).score(item, reply);
  return v.scored ? json(v.score) : json();
}

}  // namespace

/// Scores JSON lines on standard input, one score (null: unscored) a line: what
/// `scorers.py` compares with its own.
int main() {
  std::ios::sync_with_stdio(false);
  for (std::string text; std::getline(std::cin, text);) {
    auto line = json::parse(text);
    auto out = line.contains("asked") ? pass_at(line) : verdict_of(line);
    std::cout << out.dump() << '\n';
  }
}
