#pragma once

#include <map>
#include <mutex>
#include <string>

#include "messages/status.hpp"
#include "messages/units.hpp"

namespace assay::app {

/// What the display knows beforehand.
struct progress_frame {
  std::string title;
  std::uint64_t total = 0;  ///< tasks of the run
  std::uint64_t had = 0;    ///< of these, outcomes the ledger held at the start
  /// Missing tasks per provider where only that one serves them; absent where several do.
  std::map<std::string, std::uint64_t> own_tasks;
  std::uint32_t programs_at_nodes = 0;  ///< that nodes hold now, for this run and others
};

/// Shows how a run goes, on stderr: a block that is redrawn on a terminal (one row per provider and
/// a total), plain lines elsewhere. Thread-safe: the log prints above it.
class progress_display {
 public:
  /// `colour` and redrawing only where `terminal`.
  progress_display(progress_frame, bool terminal, bool quiet, instant started);
  ~progress_display();
  progress_display(const progress_display&) = delete;
  progress_display& operator=(const progress_display&) = delete;

  void show(const progress_snapshot&, instant now);
  /// What the next `show` says of the programs at nodes.
  void set_programs_at_nodes(std::uint32_t);
  /// Removes the block, so that other text can follow.
  void clear();
  /// A line above the block.
  void print_above(const std::string& line);

 private:
  void erase();
  void draw(const progress_snapshot&, instant now);
  void print_line(const progress_snapshot&, instant now);

  std::mutex mutex_;
  progress_frame frame_;
  bool terminal_;
  bool quiet_;
  instant started_;
  instant last_line_{};
  std::uint64_t last_line_done_ = 0;
  std::string block_;
  int block_lines_ = 0;
};

/// The rows of the block (tests read them): 80 columns at most.
std::string progress_block(const progress_frame&, const progress_snapshot&, duration elapsed);

/// The plain line, e.g. `Completed 120/1319 (9 %) 52.1/s, in flight 16, ...`.
std::string progress_line(const progress_frame&, const progress_snapshot&, duration elapsed);

/// `1:02:03`, `2:03`, `12 s`.
std::string short_time(double seconds);

}  // namespace assay::app
