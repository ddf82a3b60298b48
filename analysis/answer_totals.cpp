#include "analysis/answer_totals.hpp"

namespace assay::analysis {

void answer_totals::add(const watched_answer& a, std::optional<bool> empty) {
  refused_.add(a.status == outcome_status::refused);
  truncated_.add(a.truncated);
  if (empty) empty_.add(*empty);
  if (a.output_tokens > 0) tokens_.add(static_cast<double>(a.output_tokens));
}

void answer_totals::add_scores(const answer_scores& scores) {
  for (const auto& [judge, score] : scores)
    if (score) right_[judge].add(is_right(*score));
}

std::vector<noticed> answer_totals::against(const answer_totals& earlier, double level) const {
  std::vector<noticed> found;
  auto note = [&](const char* figure, const std::string& judge, const comparison& compared) {
    auto finding = judged_once(compared, level);
    if (finding.state != watch_state::quiet) found.push_back({figure, judge, {}, finding});
  };
  auto shares = [](const share& now, const share& before) {
    return compare_shares(now.yes, now.count, before.yes, before.count);
  };
  note("refusals", {}, shares(refused_, earlier.refused_));
  note("empty answers", {}, shares(empty_, earlier.empty_));
  note("truncated answers", {}, shares(truncated_, earlier.truncated_));
  note("answer tokens", {}, compare_sizes(tokens_, earlier.tokens_));
  for (const auto& [judge, right] : right_)
    if (auto before = earlier.right_.find(judge); before != earlier.right_.end())
      note("score", judge, shares(right, before->second));
  return found;
}

}  // namespace assay::analysis
