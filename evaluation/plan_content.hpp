#pragma once

#include <string>
#include <vector>

#include "evaluation/plan.hpp"

namespace assay::evaluation {

/// Invariant: task i is epoch i % epochs of prompt, of model, of sample; the cell of a task is
/// its sample's group, combined with model and prompt in the same order.
struct plan::content {
  struct prompt_variant {
    std::string name;
    prompt_template text;
  };
  /// Samples that share a cell for every model and prompt.
  struct group {
    std::string dataset;
    std::string task_type;
    std::string difficulty;
    std::size_t size = 0;
  };
  struct place {
    std::size_t sample, model, prompt;
    std::uint32_t epoch;
  };

  std::string mode;
  std::uint32_t epochs = 1;
  std::vector<tool_declaration> tools;  ///< that are offered
  std::vector<std::string> tool_terms;  ///< on which they are used
  std::string documents;                ///< field of the samples that they search
  std::vector<model_settings> models;
  std::vector<prompt_variant> prompts;
  std::vector<group> groups;
  std::vector<sample> samples;
  std::vector<std::uint32_t> group_of;  ///< of each sample
  std::vector<cell> cells;
  std::vector<task_key> keys;
  std::vector<task_key> identities;  ///< of each model
  std::vector<std::uint64_t> texts;  ///< hash of what is asked: of each sample, of each prompt
  std::string fingerprint;
  std::vector<std::string> shortfalls;

  std::size_t tasks_per_sample() const { return models.size() * prompts.size() * epochs; }
  std::size_t size() const { return samples.size() * tasks_per_sample(); }

  place place_of(std::size_t i) const {
    auto variant = i / epochs;
    auto question = variant / prompts.size();
    return {question / models.size(), question % models.size(), variant % prompts.size(),
            static_cast<std::uint32_t>(i % epochs + 1)};
  }

  const cell& cell_of(const place& at) const {
    return cells[(group_of[at.sample] * models.size() + at.model) * prompts.size() + at.prompt];
  }
};

}  // namespace assay::evaluation
