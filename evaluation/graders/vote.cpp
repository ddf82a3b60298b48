#include "evaluation/graders/vote.hpp"

#include <algorithm>

namespace assay::evaluation {

namespace {

struct ballot {
  double score = 0;
  int votes = 0;
};

/// The scores that members gave, in the order in which they first came up.
std::vector<ballot> count_votes(const std::vector<member_grade>& members) {
  std::vector<ballot> ballots;
  for (const auto& member : members) {
    if (!member.score) continue;
    auto same = std::find_if(ballots.begin(), ballots.end(),
                             [&](const ballot& b) { return b.score == *member.score; });
    if (same == ballots.end())
      ballots.push_back({*member.score, 1});
    else
      ++same->votes;
  }
  return ballots;
}

panel_score mean_of(const std::vector<member_grade>& members, std::size_t voters) {
  double sum = 0;
  for (const auto& member : members) sum += member.score.value_or(0);
  return {sum / static_cast<double>(voters), "mean of " + std::to_string(voters)};
}

bool fewer_votes(const ballot& a, const ballot& b) { return a.votes < b.votes; }
bool lower_score(const ballot& a, const ballot& b) { return a.score < b.score; }

std::optional<double> untie(const std::vector<ballot>& tied, const std::string& rule) {
  if (tied.size() == 1 || rule == "first") return tied.front().score;
  if (rule == "lowest") return std::min_element(tied.begin(), tied.end(), lower_score)->score;
  if (rule == "highest") return std::max_element(tied.begin(), tied.end(), lower_score)->score;
  return {};
}

}  // namespace

panel_score vote(const std::vector<member_grade>& members, const grader_settings& settings) {
  const auto ballots = count_votes(members);
  const auto voters = static_cast<std::size_t>(
      std::count_if(members.begin(), members.end(), [](const auto& m) { return m.score; }));
  if (voters == 0) return {};
  if (members.size() == 1) return {ballots.front().score, {}};
  if (settings.vote == "mean") return mean_of(members, voters);
  const auto most = std::max_element(ballots.begin(), ballots.end(), fewer_votes)->votes;
  std::vector<ballot> tied;
  std::copy_if(ballots.begin(), ballots.end(), std::back_inserter(tied),
               [&](const ballot& b) { return b.votes == most; });
  auto how = std::to_string(most) + " of " + std::to_string(voters);
  if (tied.size() > 1) how += ", a tie" + (settings.tie == "unscored" ? "" : ": " + settings.tie);
  return {untie(tied, settings.tie), std::move(how)};
}

std::string panel_text(const std::vector<member_grade>& members) {
  std::string text;
  for (const auto& member : members) text += (text.empty() ? "" : " ") + member.code;
  return text;
}

std::vector<std::string> panel_codes(std::string_view extracted) {
  std::vector<std::string> codes;
  while (!extracted.empty()) {
    const auto end = std::min(extracted.find(' '), extracted.size());
    if (end > 0) codes.emplace_back(extracted.substr(0, end));
    extracted.remove_prefix(std::min(end + 1, extracted.size()));
  }
  return codes;
}

}  // namespace assay::evaluation
