#pragma once

#include <map>
#include <memory>

#include "storage/ledger.hpp"

namespace assay::tests {

/// What a simulated world has made durable: outlives the recorder that wrote it.
struct memory_store {
  std::map<task_key, std::uint32_t> position;  ///< of every task of the run
  std::map<task_key, outcome> outcomes;
  std::map<task_key, int> verdicts;      ///< of the judge by a rule
  std::map<task_key, double> scores;     ///< that it gave
  std::map<task_key, int> graded;        ///< verdicts of the judge that asks a model
  std::map<task_key, outcome> steps;     ///< of follow-ups
  std::map<task_key, task_key> parents;  ///< of follow-ups
  int steps_repeated = 0;  ///< must stay 0: a follow-up with an answer was recorded again
  std::map<task_key, std::vector<attempt>> attempts;
  std::vector<storage::provider_batch> batches;
  int commits = 0;
  int answers_replaced = 0;       ///< must stay 0
  int fail_commit = 0;            ///< the n-th commit fails (0: none), as a full disk would
  int notes = 0;                  ///< of batches
  int fail_note = 0;              ///< the same of the n-th note of a batch
  bool fail_after_write = false;  ///< it fails after writing: durable, but not acknowledged
};

/// The ledger's rules on a map, with failures to order.
std::unique_ptr<storage::record_store> open_memory(std::shared_ptr<memory_store>);

/// The batches that are neither collected nor lost, each with its tasks that lack an answer.
std::vector<std::pair<storage::provider_batch, std::vector<task_key>>> open_batches(
    const memory_store&);

/// Positions without an outcome other than error, in plan order.
std::vector<std::uint32_t> missing_in(const memory_store&);

}  // namespace assay::tests
