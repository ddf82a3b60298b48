#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/settings.hpp"
#include "messages/task.hpp"

namespace assay {

/// Tasks of a run that are alike to a provider: one model, dataset and prompt.
struct task_class {
  std::string model;  ///< as declared
  std::vector<std::string> providers;
  std::vector<std::string> fallback;  ///< asked only while none of `providers` can serve
  route_policy route = route_policy::any_room;
  double expected_s = 0;  ///< service time before any is measured; longest go first

  bool operator==(const task_class&) const = default;
};

/// What the scheduler is to get done: the missing tasks of a run. Tasks are rendered when they are
/// handed out, so a million of them cost four bytes each.
struct work {
  std::int64_t run = 0;
  int priority = 0;   ///< runs of a higher one go first
  double weight = 1;  ///< share of each account among runs of the same priority
  /// Part of each account that is for follow-ups of the run before anybody's samples.
  double reserve = 0;
  std::vector<std::uint32_t> positions;  ///< in the plan; equal expectations keep this order
  /// A class keeps the order of its positions throughout: nobody's scout takes the last one, and
  /// one that was tried stays near the front.
  bool in_order = false;
  std::vector<task_class> classes;
  std::function<std::uint32_t(std::uint32_t)> class_of;  ///< position -> index into `classes`
  std::function<task(std::uint32_t)> make;
  /// Positions of tasks with the very same request, not in `positions`: answered by the outcome of
  /// this one. May be empty.
  std::function<std::vector<std::uint32_t>(std::uint32_t)> equals;
  std::function<usd(const task&)> ceiling;  ///< the most a task can cost
  budget spending;
  std::map<std::string, budget> account_spending;  ///< by provider
  std::optional<std::uint32_t> concurrency;        ///< cap on tasks in hand, over all providers
  std::uint32_t judges = 0;                        ///< verdicts expected per answer
  std::uint64_t verdicts_owed = 0;  ///< for answers of an earlier time; a judge has been given them
};

/// Local to a process.
using work_ptr = std::shared_ptr<const work>;

/// A task on its way to a provider, with the attempts that were made before.
struct handed_task {
  task what;
  std::vector<attempt> earlier;
  bool elsewhere = false;  ///< another provider could serve it too
  bool give_up = false;    ///< nobody will: it ends in the error of its last attempt
  bool unasked = false;    ///< no credit was for it
  /// The end of an exchange that was made for it at a node before the coordinator was started
  /// again: nothing need be sent.
  std::optional<exchange_result> arrived{};

  bool operator==(const handed_task&) const = default;
};

/// Positions from here on are those of follow-ups, given by the scheduler.
constexpr std::uint32_t first_follow_up = 1u << 31;

/// A model call that follows from a task of a run: the next step of an agent, a question to a
/// judge. Known to nobody before it is wanted, so it is not in the plan.
struct follow_up {
  task what;        ///< its position is given by the scheduler
  task_class kind;  ///< calls of equal kinds are alike to a provider

  bool operator==(const follow_up&) const = default;
};

/// A task that a provider hands back unanswered.
struct returned_task {
  std::int64_t run = 0;
  std::uint32_t position = 0;
  std::vector<attempt> attempts;

  bool operator==(const returned_task&) const = default;
};

/// How a provider takes part in routing.
struct provider_terms {
  std::string name;
  double weight = 1;
  double price_factor = 1;
  /// It sends nothing itself: it holds samples while their calls are made as follow-ups.
  bool whole_samples = false;

  bool operator==(const provider_terms&) const = default;
};

/// How a provider stands to the tasks of a model.
enum class intake : std::uint8_t {
  open,      ///< takes them
  held,      ///< a limit of the model alone lets none pass for a while
  failing,   ///< cannot serve them now
  for_good,  ///< nor at any time during this run
};

/// From now on the provider takes tasks of the model (of all models if empty), or does not.
struct closure {
  std::string provider;
  std::string model;
  intake state = intake::open;
  std::string reason;  ///< empty if open

  bool operator==(const closure&) const = default;
};

/// The right to send one request now, and what to send.
struct assignment {
  std::uint64_t permit = 0;
  chat_request request;
  instant intended;
  instant admitted;  ///< not to be sent before; may lie ahead, so that it reaches its node in time
  bool wants_headers = false;  ///< report the rate-limit headers before the answer has ended
  bool may_be_called_off = false;
  std::int64_t run = 0;
  task_key key{};               ///< of the task; empty if several share the exchange
  bool new_connection = false;  ///< one of its own, closed afterwards

  bool operator==(const assignment&) const = default;
};

/// A provider's ask for work: "I can start `wanted` more now".
struct credit {
  std::string provider;
  std::uint32_t wanted = 0;
  std::uint64_t asked = 0;  ///< what all its credits come to, this one included
  bool shortest = false;    ///< a scout: the answer tells the limits, so it is to come soon
  double health = 1;        ///< part of its latest exchanges that did not fail

  bool operator==(const credit&) const = default;
};

/// One outcome of a commit.
struct committed_task {
  std::int64_t run = 0;
  std::uint32_t position = 0;
  outcome_status status = outcome_status::answered;
  bool cached = false;
  double service_s = 0;  ///< of the last attempt
  std::int64_t tokens = 0;
  usd cost;
  std::string provider;

  bool operator==(const committed_task&) const = default;
};

/// What a subscriber of results gets.
enum class published : std::uint8_t {
  samples,  ///< records of samples' tasks
  steps,    ///< records of follow-ups
};

/// What one commit made durable.
struct commit_note {
  std::vector<committed_task> tasks;
  std::map<std::int64_t, std::uint64_t> verdicts;  ///< per run

  bool operator==(const commit_note&) const = default;
};

}  // namespace assay
