#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/chat.hpp"
#include "messages/sample.hpp"
#include "messages/task_key.hpp"

namespace assay {

/// One combination of the matrix. Names as declared in the experiment file.
struct cell {
  std::string dataset;
  std::string model;
  std::string prompt;
  std::string task_type;
  std::string difficulty;
  std::string mode;

  auto operator<=>(const cell&) const = default;
};

/// One unit of work, ready to be sent: everything a provider and a judge need to know.
struct task {
  task_key key;
  std::uint32_t epoch = 1;
  cell where;
  sample item;
  chat_request request;
  std::vector<std::string> providers;  ///< who may serve it
  std::int64_t input_tokens = 0;       ///< estimate: characters / 4
  std::uint32_t position = 0;          ///< in the plan of its run; not part of its identity
  std::int64_t run = 0;                ///< which it is done for; not part of its identity
  /// The task of a sample that this call serves, as one step of an agent or a question to a judge.
  /// Empty: it is itself the task of a sample.
  task_key parent{};

  bool is_step() const { return !parent.empty(); }

  bool operator==(const task&) const = default;
};

/// How a task ended. Numbers are stored in the ledger.
enum class outcome_status : std::uint8_t {
  answered = 0,
  refused = 1,   ///< the model declined: an answer of its own kind
  filtered = 2,  ///< a content filter held it back: an answer of its own kind
  error = 3,     ///< attempts ran out, or asking again cannot help: not scored, lowers coverage
};

std::string_view to_string(outcome_status);

/// What a task came to. Exactly one per task stands in the ledger.
struct outcome {
  task_key key;
  outcome_status status = outcome_status::answered;
  api_error error;  ///< of the last attempt, if `status == error`
  answer reply;
  std::string provider;           ///< who gave the last attempt
  std::vector<attempt> attempts;  ///< every exchange of this run for this task, in order
  usd cost;                       ///< of all attempts
  bool cached = false;            ///< copied from the answer to an equal request, nothing was sent
  task_key original;              ///< whose answer it is, if `cached`

  bool operator==(const outcome&) const = default;
};

/// What `asked` comes to without being sent, since its request equals that of `given`: the same
/// answer, free and without attempts. REQUIRES: `given` is not an error.
outcome copy_of(const outcome& given, const task_key& asked);

/// An outcome together with the task it answers: what subscribers of results see.
struct record {
  task asked;
  outcome got;

  bool operator==(const record&) const = default;
};

/// A score of an outcome by a judge.
struct verdict {
  task_key key;
  std::string judge;
  std::string judge_version;  ///< hash of the judge's settings and the target
  bool scored = false;        ///< false: the judge could not tell (never counted as wrong)
  double score = 0;           ///< 0 wrong ... 1 right
  std::string extracted;      ///< what the judge read out of the answer
  std::string explanation;

  bool operator==(const verdict&) const = default;
};

}  // namespace assay
