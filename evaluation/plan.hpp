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

/// Tasks of a run whose requests are equal: one of them needs to be sent.
struct shared_request {
  std::uint32_t leader = 0;              ///< position in the plan
  std::vector<std::uint32_t> followers;  ///< ascending, all after the leader

  bool operator==(const shared_request&) const = default;
};

/// All tasks of an experiment in a fixed order: by sample, then model, prompt and epoch, so that
/// every provider has work from the start. A task takes 16 bytes and is rendered when it is asked
/// for. Immutable, may be shared between threads.
///
/// The key of a task (house rule: what determines the answer and nothing else) hashes the mode, the
/// epoch, the name of the dataset, the sample's id, input and choices, the rendered messages, and
/// of the model what goes into the request: its name on the wire, max_tokens, temperature, top_p,
/// seed, stop, reasoning and extra. Not the target, the declared names of model and prompt,
/// providers, prices or streaming. The name of the dataset keeps equal rows of two datasets apart.
/// Where two models or prompts of one experiment come to the same key, each is a task all the same:
/// the later one adds its declared names.
class plan {
 public:
  /// Loads the datasets, parses the prompts, forms the cells and hashes every task.
  /// `instances` takes the first N samples of each cell. Problems: those of datasets and prompts, a
  /// dataset without samples, and the first 20 samples that lack what a prompt uses.
  static checked<plan> make(const settings&, const experiment_settings&);

  std::size_t size() const;
  const task_key& key(std::size_t i) const;
  const cell& cell_of(std::size_t i) const;
  const sample& sample_of(std::size_t i) const;
  const std::vector<std::string>& providers_of(std::size_t i) const;
  const model_settings& model_of(std::size_t i) const;

  /// Renders task `i`.
  task make_task(std::size_t i) const;

  /// Among `positions` (ascending) those whose requests are equal: the same messages, parameters,
  /// epoch and providers (or any providers, if answers are shared across accounts); by leader.
  /// None with the cache off.
  std::vector<shared_request> duplicates(const std::vector<std::uint32_t>& positions,
                                         const cache_settings&) const;

  /// All cells that have a task, sorted.
  std::vector<cell> cells() const;

  /// Hash of all task keys, judges, and what else is recorded of the tasks (targets, tags, fields,
  /// cells): the identity of a run.
  const std::string& fingerprint() const;

  /// Cells with fewer samples than `instances` asked for, in words.
  const std::vector<std::string>& shortfalls() const;

 private:
  struct content;
  class builder;
  class equal_requests;
  explicit plan(std::shared_ptr<const content>);
  std::shared_ptr<const content> content_;
};

}  // namespace assay::evaluation
