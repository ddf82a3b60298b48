#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/watched_answer.hpp"

namespace assay::analysis {

/// True if the judge is taken to have found the answer right.
inline bool is_right(double score) { return score > 0.5; }

/// The figures of a cell over a whole run.
class answer_totals {
 public:
  /// `empty`: it has no text; absent if that is not known.
  void add(const watched_answer&, std::optional<bool> empty);
  void add_scores(const answer_scores&);
  std::size_t answers() const { return refused_.count; }

  /// Each figure of this run against that of an earlier one, one test at `level` each; what is not
  /// quiet. Judges that only one of them has are left out. REQUIRES: the answers of either run are
  /// to different samples, and no answer is in both.
  std::vector<noticed> against(const answer_totals& earlier, double level) const;

 private:
  struct share {
    std::size_t yes = 0, count = 0;
    void add(bool is) { yes += is, ++count; }
  };

  share refused_, empty_, truncated_;
  size_buckets tokens_;
  std::map<std::string, share> right_;  ///< by judge
};

}  // namespace assay::analysis
