#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/chat.hpp"
#include "messages/settings.hpp"
#include "messages/task_key.hpp"

/// Several small independent requests in one call: what the model is asked, and how its answer is
/// taken apart again. An answer that cannot be told for certain is missing, and is asked for alone.
namespace assay::evaluation {

/// Requests with the same key may share a call: equal parameters and messages, but for the last
/// message, which is the user's. None if the request must go alone: it has stop words, or its
/// `extra_json` asks for a form of the answer.
std::optional<task_key> batch_key(const chat_request&);

/// The most output tokens that a combined call asks for.
inline constexpr std::int32_t most_combined_tokens = 16'384;

/// One request for all of them: the shared messages, then one message with the numbered items that
/// asks for `[{"id": 1, "answer": "..."}, ...]`. `max_tokens` is the sum of the items' and of what
/// the numbering takes, at most `most_combined_tokens`. REQUIRES: at least one, equal batch keys.
chat_request combine(const std::vector<chat_request>&);

/// The answer to each of `items` items, by position; absent where there is none that is certain.
/// Code fences, prose around the JSON, an object around the list, one object `{"1": "..."}`,
/// numbers as text and raw line ends are understood; of a truncated text the complete items are
/// kept. Not certain: two different answers to one item, and all of them if the numbering slipped
/// (an item is missing while a number is there that was not asked for).
std::vector<std::optional<std::string>> split(std::string_view text, std::size_t items);

/// The same for a whole answer; each part carries its share of the usage. A refusal or a filter
/// leaves every part absent: it may be due to one item only.
std::vector<std::optional<answer>> split(const answer& combined, std::size_t items);

/// The parts of an exchange that `items` tasks shared: usage and cost add up to the whole.
std::vector<attempt> share(const attempt& whole, std::size_t items);

/// How many items the next call takes: long items leave room for fewer, a call that left items
/// unanswered makes the next ones smaller, whole ones let them grow again up to `max_items`.
class batch_sizer {
 public:
  explicit batch_sizer(const batching_settings&);

  /// Of items with these content lengths (bytes), in order: how many of the first share the next
  /// call. At least 1 if there is any.
  std::size_t take(std::span<const std::size_t> lengths,
                   std::optional<std::int32_t> max_tokens) const;

  /// A call of `asked` items has brought `answered` answers.
  void note(std::size_t asked, std::size_t answered);

  std::size_t limit() const { return limit_; }

 private:
  std::size_t most_;
  std::size_t limit_;
  std::size_t whole_calls_ = 0;  ///< in a row, since the limit changed
  std::size_t calls_to_grow_ =
      3;  ///< doubles with each failure, so that a hopeless model is left alone
};

}  // namespace assay::evaluation
