#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/answer_watches.hpp"
#include "analysis/sent_order.hpp"
#include "messages/task.hpp"

namespace assay::analysis {

using watched_cells = std::map<watched_cell, answer_watches>;

/// The watches of a run that goes on, fed with what is committed. Answers are taken in the order in
/// which they were asked (sent_order). Scores are taken with their answer if its verdicts are there
/// by then, else as soon as the last of them comes; of at most 50,000 answers at a time.
class watched_run {
 public:
  struct change {
    watched_cell where;
    noticed what;
  };

  /// `before`: the watches of what the run brought earlier.
  watched_run(const watch_rule&, std::vector<std::string> judges, watched_cells before);

  void add(const record&);
  /// REQUIRES: the answer was added before.
  void add(const verdict&);
  /// Takes what is held: nothing that was asked earlier will come.
  void finish();

  /// The figures whose state is another than when this was last called. At first none.
  std::vector<change> changes();
  const watched_cells& cells() const { return cells_; }

 private:
  using cell_entry = watched_cells::value_type;
  struct judged_answer {
    cell_entry* cell = nullptr;
    watched_answer what;
    answer_scores scores;
    std::vector<bool> given;  ///< by judge: its verdict has come
    std::size_t missing = 0;  ///< verdicts
    bool taken = false;       ///< by its cell; the scores are still to come
  };

  void take(const task_key&);
  void take_scores(const task_key&, const judged_answer&);

  watch_rule rule_;
  std::vector<std::string> judges_;
  watched_cells cells_;
  sent_order<task_key> order_;
  std::unordered_map<task_key, judged_answer> open_;
  std::set<cell_entry*> touched_;  ///< since changes were last asked for
  std::deque<task_key> late_;      ///< taken before all verdicts were there
};

}  // namespace assay::analysis
