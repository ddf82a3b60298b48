#include "app/report/notices.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace assay::report {

namespace {

using analysis::watch_state;

/// All watches of the answers of one model.
class model_watches {
 public:
  model_watches(std::string model, const analysis::watch_rule& rule)
      : model_(std::move(model)), rule_(rule), refusals_(rule), tokens_(rule) {}

  void add(const storage::score_row& row) {
    samples_.push_back(row.sample_id);
    refusals_.add(row.status == outcome_status::refused);
    if (row.output_tokens > 0) {
      tokens_.add(static_cast<double>(row.output_tokens));
      with_tokens_.push_back(samples_.size() - 1);
    }
    const std::pair<std::string, std::optional<double>>* first = nullptr;
    for (const auto& score : row.scores) {
      if (!score.second) continue;
      add_score(score.first, *score.second > 0.5, row.provider);
      if (first)
        add_pair(first->first + " and " + score.first,
                 (*first->second > 0.5) != (*score.second > 0.5));
      else
        first = &score;
    }
  }

  void report(std::vector<notice>& to) const {
    add_notice(to, "refusals", model_, refusals_.standing(), {});
    add_notice(to, "answer tokens", model_, tokens_.standing(), with_tokens_);
    for (const auto& [judge, watch] : scores_)
      add_notice(to, "score", model_ + ", " + judge, watch.share.standing(), watch.samples);
    for (const auto& [judges, watch] : pairs_)
      add_notice(to, "judges disagree", model_ + ", " + judges, watch.share.standing(),
                 watch.samples);
    for (const auto& [judge, watch] : places_)
      add_notice(to, "provider", model_ + ", " + judge + ": " + watch.standing().place,
                 watch.standing().finding, {});
  }

 private:
  /// A share of some of the samples only.
  struct partial {
    explicit partial(const analysis::watch_rule& rule) : share(rule) {}
    analysis::share_watch share;
    std::vector<std::size_t> samples;  ///< where in `samples_`
  };

  void add_score(const std::string& judge, bool right, const std::string& provider) {
    add_to(scores_, judge, right);
    places_.try_emplace(judge, rule_).first->second.add(provider, right);
  }

  void add_pair(const std::string& judges, bool differ) { add_to(pairs_, judges, differ); }

  void add_to(std::map<std::string, partial>& all, const std::string& name, bool yes) {
    auto& one = all.try_emplace(name, rule_).first->second;
    one.share.add(yes);
    one.samples.push_back(samples_.size() - 1);
  }

  void add_notice(std::vector<notice>& to, const char* what, std::string where,
                  const analysis::watch_finding& finding,
                  const std::vector<std::size_t>& positions) const {
    if (finding.state == watch_state::quiet) return;
    auto at = finding.since < positions.size() ? positions[finding.since] : finding.since;
    to.push_back({what, std::move(where), at < samples_.size() ? samples_[at] : "", finding});
  }

  std::string model_;
  analysis::watch_rule rule_;
  std::vector<std::string> samples_;
  std::vector<std::size_t> with_tokens_;
  analysis::share_watch refusals_;
  analysis::size_watch tokens_;
  std::map<std::string, partial> scores_, pairs_;
  std::map<std::string, analysis::place_watch> places_;
};

}  // namespace

void notice_finder::add(const storage::attempt_row& row) {
  auto& done = done_[row.key];
  done = std::max(done, row.done_unix_ns);
}

void notice_finder::add(const storage::score_row& row) {
  auto done = done_.find(row.key);
  if (!row.has_outcome || row.cached || row.status == outcome_status::error || done == done_.end())
    return;
  answers_.push_back({done->second, row});
}

std::vector<notice> notice_finder::find(const watch_settings& settings) const {
  std::vector<notice> found;
  if (!settings.on) return found;
  std::vector<const seen*> in_order;
  for (const auto& answer : answers_) in_order.push_back(&answer);
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](auto* a, auto* b) { return a->done_ns < b->done_ns; });
  std::map<std::string, model_watches> models;
  const analysis::watch_rule rule{static_cast<std::size_t>(settings.window), settings.significance};
  for (auto* answer : in_order) {
    const auto& model = answer->row.where.model;
    models.try_emplace(model, model, rule).first->second.add(answer->row);
  }
  for (const auto& [name, watches] : models) watches.report(found);
  return found;
}

}  // namespace assay::report
