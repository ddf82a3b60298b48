#include <algorithm>

#include "tests/simulation/stopping.hpp"
#include "tests/simulation/world.hpp"

namespace assay::tests {

namespace {

bool any_fault(const std::vector<simulated::truth>& arrived) {
  return std::any_of(arrived.begin(), arrived.end(),
                     [](const simulated::truth& t) { return !t.fault.empty(); });
}

bool any_away(const scenario& s) {
  return std::any_of(s.nodes.begin(), s.nodes.end(),
                     [](const simulated_node& n) { return !n.events.empty(); });
}

/// Of batches: what a server was given to answer is what was recorded, unless a crash has lost the
/// attempts of tasks that were to be asked again.
bool paid_once(const scenario& s, const world_end& end) {
  if (s.delivery == delivery_mode::single || s.fail_commit > 0 || s.fail_note > 0) return true;
  std::size_t handed_over = 0, recorded = 0;
  for (const auto& [name, log] : end.arrivals)
    for (const auto& t : log) handed_over += t.items;
  for (const auto& [key, attempts] : end.store.attempts)
    recorded += static_cast<std::size_t>(std::count_if(
        attempts.begin(), attempts.end(), [](const auto& tried) { return tried.batched; }));
  return handed_over == recorded;
}

/// Of calls over nodes that stay: a request is sent once, whatever becomes of the coordinator. Who
/// sends a request that was under way when nobody knew of it pays twice.
bool nodes_paid_once(const scenario& s, const world_end& end) {
  if (!s.only_nodes || any_away(s) || s.lost_reports > 0 || s.hedge > 0) return true;
  if (s.batching.max_items > 1) return true;  // nobody can use a combined answer that came late
  std::size_t arrived = 0, recorded = 0;
  for (const auto& [name, log] : end.arrivals) {
    if (any_fault(log)) return true;  // what was tried in vain dies with the process
    arrived += log.size();
  }
  for (const auto& [key, attempts] : end.store.attempts) recorded += attempts.size();
  return arrived == recorded;
}

/// Whether a question to the judge about this task ended in error, so that there is no verdict.
bool could_not_ask(const memory_store& store, const task_key& task) {
  return std::any_of(store.steps.begin(), store.steps.end(), [&](const auto& step) {
    return store.parents.at(step.first) == task && step.second.status == outcome_status::error;
  });
}

/// So often that a judge may give up on an answer.
bool lost_often(const scenario& s) {
  std::size_t events = 0;
  for (const auto& n : s.nodes) events += n.events.size();
  return events > 10;
}

/// One verdict, and about the answer that stands there: whether that is the sum asked for.
bool judged_well(const scenario& s, const memory_store& store, const outcome& got) {
  auto given = store.verdicts.find(got.key);
  if (got.status == outcome_status::error) return given == store.verdicts.end();
  if (given == store.verdicts.end() || given->second != 1) return false;
  auto score = store.scores.find(got.key);
  if (score == store.scores.end()) return lost_often(s);
  auto sum = std::to_string(store.position.at(got.key) + 7);
  auto right = got.reply.text.find(sum) != std::string::npos;
  return got.status != outcome_status::answered || score->second == (right ? 1 : 0);
}

bool placed_well(const scenario& s, const world_end& end) {
  auto has_tags = [&](const attempt& tried) {
    for (const auto& account : s.accounts)
      if (account.client.name == tried.provider)
        for (const auto& tag : account.client.node_tags) {
          auto node = std::find_if(s.nodes.begin(), s.nodes.end(),
                                   [&](const auto& n) { return n.name == tried.from.node; });
          if (node == s.nodes.end() ||
              std::find(node->tags.begin(), node->tags.end(), tag) == node->tags.end())
            return false;
        }
    return true;
  };
  return std::all_of(end.store.attempts.begin(), end.store.attempts.end(),
                     [&](const auto& of_task) {
                       return std::all_of(of_task.second.begin(), of_task.second.end(), has_tags);
                     });
}

}  // namespace

std::vector<std::string> violations(const scenario& s, const world_end& end) {
  std::vector<std::string> found;
  auto check = [&](bool holds, const std::string& text) {
    if (!holds) found.push_back(text);
  };
  auto stopped = !end.last.run.stopped_by.empty();
  check(end.finished, "progress or a reason: the run neither finished nor said why");
  check(end.last.run.lost_credits == 0, "every credit counts: the scheduler forgot some");
  check(end.store.answers_replaced == 0, "recorded exactly once: an answer was recorded twice");
  check(end.store.steps_repeated == 0, "recorded exactly once: a step was paid twice");
  check(end.store.outcomes.size() <= s.tasks, "recorded exactly once: more outcomes than tasks");
  if (!stopped) {
    check(nodes_paid_once(s, end), "paid once: a node was asked for what another had under way");
    check(paid_once(s, end), "paid once: batches held other requests than were recorded");
    check(end.store.outcomes.size() == s.tasks || (s.stop_when && watch_of(s, end.store).enough()),
          "recorded exactly once: an outcome is missing");
    for (const auto& [key, got] : end.store.outcomes) {
      if (s.fail_commit == 0 && s.fail_note == 0)
        check(judged_well(s, end.store, got),
              "an answer has exactly one verdict, its own; an error has none");
      if (s.asking_judge && got.status != outcome_status::error)
        check(end.store.graded.count(key) > 0 || could_not_ask(end.store, key),
              "an answer has a verdict of the model, or a reason");
    }
  }
  check(placed_well(s, end), "placement: a node without the tags of an account called it");
  for (const auto& account : s.accounts) {
    auto arrived = end.arrivals.find(account.client.name);
    if (arrived == end.arrivals.end()) continue;
    auto parallel = account.client.limits.max_parallel;
    // What a task had sent before it waited for another try dies with the process.
    auto forgotten = s.fail_commit > 0 && (s.lost_reports > 0 || any_fault(arrived->second));
    for (const auto& t : arrived->second) {
      check(t.in_flight <= parallel, "never above a known limit: too many in parallel");
      check(t.status != 429 || t.fault == "http_429" || forgotten,
            "never above a known limit: the server answered 429");
    }
  }
  return found;
}

}  // namespace assay::tests
