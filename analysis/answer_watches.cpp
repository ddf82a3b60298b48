#include "analysis/answer_watches.hpp"

#include <algorithm>

namespace assay::analysis {

namespace {

/// What no sample hashes to, practically.
constexpr std::size_t no_sample = 0;

constexpr const char* coordinator = "coordinator";

template <class Watch>
Watch& watch_of(std::map<std::string, Watch>& all, const std::string& name,
                const watch_rule& rule) {
  return all.try_emplace(name, rule).first->second;
}

}  // namespace

bool answer_watches::just_seen(const std::string& sample) {
  auto hash = std::hash<std::string>{}(sample);
  if (hash == no_sample) return false;
  if (std::find(recent_.begin(), recent_.end(), hash) != recent_.end()) return true;
  recent_[added_++ % recent_.size()] = hash;
  return false;
}

/// A ledger of an older assay has no digests, so that all of its answers look empty: whether they
/// are is known from the first text on.
std::optional<bool> answer_watches::is_empty(const watched_answer& a) {
  any_text_ = any_text_ || a.text;
  if (!any_text_) return std::nullopt;
  return a.status == outcome_status::answered && !a.text;
}

bool answer_watches::add(const watched_answer& a) {
  if (just_seen(a.sample)) return false;
  auto empty = is_empty(a);
  totals_.add(a, empty);
  refused_.add(a.status == outcome_status::refused, a.sample);
  if (empty) empty_.add(*empty, a.sample);
  truncated_.add(a.truncated, a.sample);
  if (a.text) equal_.add(static_cast<std::uint64_t>(*a.text), a.sample);
  if (a.output_tokens > 0) tokens_.add(static_cast<double>(a.output_tokens), a.sample);
  return true;
}

void answer_watches::add_scores(const watched_answer& a, const answer_scores& scores) {
  totals_.add_scores(scores);
  const std::pair<std::string, std::optional<double>>* first = nullptr;
  for (const auto& score : scores) {
    if (!score.second) continue;
    const auto& judge = score.first;
    bool right = is_right(*score.second);
    watch_of(scores_, judge, rule_).add(right, a.sample);
    watch_of(providers_, judge, rule_).add(a.provider, right, a.sample);
    watch_of(nodes_, judge, rule_).add(a.node.empty() ? coordinator : a.node, right, a.sample);
    if (first)
      watch_of(pairs_, first->first + " and " + judge, rule_)
          .add(is_right(*first->second) != right, a.sample);
    else
      first = &score;
  }
}

void answer_watches::visit(const visitor& visit) const {
  visit("refusals", {}, {}, refused_.standing());
  visit("empty answers", {}, {}, empty_.standing());
  visit("truncated answers", {}, {}, truncated_.standing());
  visit("equal answers", {}, {}, equal_.standing());
  visit("answer tokens", {}, {}, tokens_.standing());
  for (const auto& [judge, watch] : scores_) visit("score", judge, {}, watch.standing());
  for (const auto& [judges, watch] : pairs_) visit("judges disagree", judges, {}, watch.standing());
  for (const auto& [judge, watch] : providers_)
    visit("provider", judge, watch.standing().place, watch.standing().finding);
  for (const auto& [judge, watch] : nodes_)
    visit("node", judge, watch.standing().place, watch.standing().finding);
}

std::vector<noticed> answer_watches::standing() const {
  std::vector<noticed> found;
  visit([&](auto* figure, const auto& judge, const auto& place, const auto& finding) {
    if (finding.state != watch_state::quiet) found.push_back({figure, judge, place, finding});
  });
  return found;
}

std::vector<noticed> answer_watches::changes() {
  std::vector<noticed> found;
  visit([&](auto* figure, const auto& judge, const auto& place, const auto& finding) {
    auto& told = told_[{figure, judge}];
    if (told == finding.state) return;
    told = finding.state;
    found.push_back({figure, judge, place, finding});
  });
  return found;
}

}  // namespace assay::analysis
