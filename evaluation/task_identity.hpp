#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/chat.hpp"
#include "messages/sample.hpp"
#include "messages/settings.hpp"
#include "messages/task_key.hpp"

/// What makes two tasks the same: everything that determines the answer and nothing else.
///
/// In the key: mode, epoch, the name of the dataset, the sample's id, input and choices, the
/// rendered messages, and of the model what goes into the request (its name on the wire,
/// max_tokens, temperature, top_p, seed, stop, reasoning, extra). Not in it: the target, the
/// declared names of model and prompt, providers, prices, streaming, limits. The name of the
/// dataset keeps equal rows of two datasets apart. Where tools are offered, they, their terms and
/// the documents that they search are in it too.
namespace assay::evaluation {

/// Length-prefixed parts of one hash, in one buffer: copying many small pieces costs less than
/// hashing them one by one.
class hash_text {
 public:
  void add(std::string_view part);
  void add(const std::vector<std::string>& parts);
  void add(const task_key& hash);
  /// Hashes what was added and starts over.
  task_key finish();

 private:
  std::string bytes_;
};

task_key model_identity(const model_settings&);

task_key question_identity(hash_text&, const std::string& dataset, const sample&,
                           const std::vector<chat_message>& rendered);

/// A question that also depends on what is read elsewhere.
task_key with_sources(const task_key& question, const task_key& sources);

/// A question that is put together with tools: what they are, on what terms they are used, and the
/// documents that they find in the sample.
task_key with_tools(hash_text&, const task_key& question, const std::vector<tool_declaration>&,
                    const std::vector<std::string>& terms, std::string_view documents);

/// The key of a task.
task_key task_identity(std::string_view mode, std::uint32_t epoch, const task_key& question,
                       const task_key& model);

/// The key of a follow-up: what it serves, for whom (a mode or a judge), which of its calls it is,
/// and everything that determines the answer.
task_key step_identity(const task_key& parent, std::string_view purpose, std::string_view label,
                       const chat_request&);

/// The key of a task whose own key is taken already by another task of the same experiment.
task_key twin_identity(const task_key& taken, const std::string& model, const std::string& prompt);

/// A quick hash of messages; equal messages have equal hashes, others hardly ever.
std::uint64_t text_hash(const std::vector<chat_message>&);

/// What of a sample is recorded but does not determine the answers: targets, tags, fields.
task_key record_identity(hash_text&, const sample&);

}  // namespace assay::evaluation
