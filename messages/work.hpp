#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "messages/task.hpp"

namespace assay {

/// What the scheduler is to get done: the missing tasks of a run. Tasks are rendered when they are
/// handed out, so a million of them cost four bytes each.
struct work {
  std::vector<std::uint32_t> positions;  ///< in the plan, in the order of sending
  std::function<task(std::uint32_t)> make;
  std::function<const std::vector<std::string>&(std::uint32_t)> providers;
  std::function<usd(const task&)> ceiling;   ///< the most a task can cost
  std::optional<usd> max_cost;               ///< of this run's new calls
  std::optional<std::uint32_t> concurrency;  ///< cap on tasks in hand, over all providers
  std::uint32_t judges = 0;                  ///< verdicts expected per answer
};

/// The right to send one request now, and what to send.
struct assignment {
  std::uint64_t permit = 0;
  chat_request request;
  instant intended;
  instant admitted;

  bool operator==(const assignment&) const = default;
};

/// A provider's ask for work: "I can start `wanted` more now". Also says how many tasks have come
/// to an outcome since the last credit.
struct credit {
  std::string provider;
  std::uint32_t wanted = 0;
  std::uint32_t finished = 0;

  bool operator==(const credit&) const = default;
};

/// What one commit made durable.
struct commit_note {
  std::vector<std::uint32_t> positions;  ///< tasks that now have an outcome
  std::uint64_t answers = 0;             ///< outcomes among them that judges will score
  std::uint64_t verdicts = 0;
  usd cost;

  bool operator==(const commit_note&) const = default;
};

}  // namespace assay
