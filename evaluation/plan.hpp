#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "evaluation/prompt.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"
#include "messages/task.hpp"

namespace assay::evaluation {

/// All tasks of an experiment in a fixed order, without their texts: a task is rendered when it is
/// asked for, so a plan of a million tasks is small. Immutable, may be shared between threads.
class plan {
 public:
  /// Loads the datasets, parses the prompts, forms the cells and hashes every task.
  /// `instances` takes the first N samples of each cell.
  static checked<plan> make(const settings&, const experiment_settings&);

  std::size_t size() const;
  const task_key& key(std::size_t i) const;
  const cell& cell_of(std::size_t i) const;
  const std::vector<std::string>& providers_of(std::size_t i) const;
  const model_settings& model_of(std::size_t i) const;

  /// Renders task `i`.
  task make_task(std::size_t i) const;

  /// All cells that have a task, sorted.
  std::vector<cell> cells() const;

  /// Hash of all task keys and judges: the identity of a run.
  const std::string& fingerprint() const;

  /// Cells with fewer samples than `instances` asked for, in words.
  const std::vector<std::string>& shortfalls() const;

 private:
  struct content;
  std::shared_ptr<const content> content_;
};

}  // namespace assay::evaluation
