#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "analysis/answer_totals.hpp"
#include "analysis/watch.hpp"
#include "analysis/watched_answer.hpp"

namespace assay::analysis {

/// All watches of the answers of one cell, fed in the order in which they were asked: in the order
/// in which they end, the first ones would be the short ones. Memory does not grow with the
/// answers.
class answer_watches {
 public:
  explicit answer_watches(const watch_rule& rule)
      : rule_(rule), refused_(rule), empty_(rule), truncated_(rule), equal_(rule), tokens_(rule) {}

  /// False if it is left out, and so are its scores: another answer to the same sample (of another
  /// epoch) was added shortly before. They are alike, so that they would count as more evidence
  /// than they are.
  bool add(const watched_answer&);
  /// REQUIRES: `add` said yes to it.
  void add_scores(const watched_answer&, const answer_scores&);

  /// What is not quiet.
  std::vector<noticed> standing() const;
  /// The figures whose state is another than when this was last called.
  std::vector<noticed> changes();
  const answer_totals& totals() const { return totals_; }

 private:
  using visitor = std::function<void(const char* figure, const std::string& judge,
                                     const std::string& place, const watch_finding&)>;

  bool just_seen(const std::string& sample);
  std::optional<bool> is_empty(const watched_answer&);
  void visit(const visitor&) const;

  watch_rule rule_;
  std::array<std::size_t, 256> recent_{};  ///< hashes of samples
  std::size_t added_ = 0;
  bool any_text_ = false;
  share_watch refused_, empty_, truncated_;
  repetition_watch equal_;
  size_watch tokens_;
  std::map<std::string, share_watch> scores_;                        ///< by judge
  std::map<std::string, share_watch> pairs_;                         ///< by judges
  std::map<std::string, place_watch> providers_, nodes_;             ///< by judge
  std::map<std::pair<std::string, std::string>, watch_state> told_;  ///< by figure and judge
  answer_totals totals_;
};

}  // namespace assay::analysis
