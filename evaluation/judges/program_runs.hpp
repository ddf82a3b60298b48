#pragma once

#include <cstddef>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "evaluation/sandbox/sandbox.hpp"
#include "messages/task_key.hpp"

namespace assay::evaluation {

/// Runs programs in a box for several judges: what one of them runs, or has run a moment ago, is
/// not run again for another. Thread-safe; who asks for a program that is running waits for it, and
/// runs it again if the sandbox failed there or the other one was interrupted.
///
/// Invariant: at most `most_kept` results with `most_bytes` of output are remembered, beside those
/// of programs that are running.
class program_runs {
 public:
  explicit program_runs(std::shared_ptr<const sandbox::box> box, std::size_t most_kept = 1'000,
                        std::size_t most_bytes = 16 << 20)
      : box_(std::move(box)), most_kept_(most_kept), most_bytes_(most_bytes) {}

  /// The runs of all judges with these settings, as long as one of them lives.
  static expected<std::shared_ptr<program_runs>> shared(const sandbox_settings&);

  /// As `sandbox::box::run`; the command's content decides whether it is the same.
  expected<sandbox::result> run(const sandbox::command&);

  const sandbox::box& box() const { return *box_; }

 private:
  using outcome = expected<sandbox::result>;

  std::optional<std::shared_future<outcome>> known_or_begun(const task_key&,
                                                            std::promise<outcome>& mine);
  void forget(const task_key&);
  void keep(const task_key&, const sandbox::result&);

  std::shared_ptr<const sandbox::box> box_;
  std::size_t most_kept_;
  std::size_t most_bytes_;
  std::mutex guard_;
  std::unordered_map<task_key, std::shared_future<outcome>> known_;
  std::deque<std::pair<task_key, std::size_t>> finished_;  ///< oldest first, with their bytes
  std::size_t bytes_ = 0;
};

}  // namespace assay::evaluation
