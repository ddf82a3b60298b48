#include "analysis/watched_run.hpp"

#include <algorithm>
#include <utility>

#include "messages/text_digest.hpp"

namespace assay::analysis {

namespace {

constexpr std::size_t most_late = 50'000;

watched_answer answer_of(const record& r) {
  const auto& reply = r.got.reply;
  const auto& last = r.got.attempts.back();
  auto tokens = reply.usage.output ? reply.usage.output : last.usage.output;
  return {r.asked.item.id,         r.got.status,       reply.why == finish::length,
          text_digest(reply.text), tokens.value_or(0), r.got.provider,
          last.from.node};
}

std::int64_t ns(instant t) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch()).count();
}

}  // namespace

watched_run::watched_run(const watch_rule& rule, std::vector<std::string> judges,
                         watched_cells before)
    : rule_(rule), judges_(std::move(judges)), cells_(std::move(before)) {
  for (auto& [where, watches] : cells_) watches.changes();
}

void watched_run::add(const record& r) {
  if (r.got.status == outcome_status::error || r.got.cached || r.got.attempts.empty()) return;
  std::int64_t sent = 0, done = 0;
  for (const auto& tried : r.got.attempts) {
    sent = std::max(sent, ns(tried.at.sent));
    done = std::max(done, ns(tried.at.done));
  }
  auto& cell = *cells_.try_emplace(watched_cell_of(r.asked.where), rule_).first;
  judged_answer answer{&cell, answer_of(r), {}, {}, judges_.size()};
  for (const auto& judge : judges_) answer.scores.emplace_back(judge, std::nullopt);
  answer.given.resize(judges_.size());
  if (!open_.emplace(r.got.key, std::move(answer)).second) return;
  order_.add(sent, done, r.asked.position, r.got.attempts.back().batched, r.got.key);
  order_.release([this](const task_key& key) { take(key); });
}

void watched_run::add(const verdict& v) {
  auto found = open_.find(v.key);
  auto judge = std::find(judges_.begin(), judges_.end(), v.judge);
  if (found == open_.end() || judge == judges_.end()) return;
  auto& answer = found->second;
  auto i = static_cast<std::size_t>(judge - judges_.begin());
  if (answer.given[i]) return;
  answer.given[i] = true;
  if (v.scored) answer.scores[i].second = v.score;
  if (--answer.missing == 0 && answer.taken) take_scores(v.key, answer);
}

void watched_run::finish() {
  order_.release_all([this](const task_key& key) { take(key); });
}

void watched_run::take(const task_key& key) {
  auto& answer = open_.at(key);
  touched_.insert(answer.cell);
  if (!answer.cell->second.add(answer.what)) {
    open_.erase(key);
  } else if (answer.missing == 0) {
    take_scores(key, answer);
  } else {
    answer.taken = true;
    late_.push_back(key);
    if (late_.size() <= most_late) return;
    open_.erase(late_.front());
    late_.pop_front();
  }
}

void watched_run::take_scores(const task_key& key, const judged_answer& answer) {
  touched_.insert(answer.cell);
  answer.cell->second.add_scores(answer.what, answer.scores);
  open_.erase(key);
}

std::vector<watched_run::change> watched_run::changes() {
  std::vector<change> all;
  for (auto* cell : std::exchange(touched_, {}))
    for (auto& what : cell->second.changes()) all.push_back({cell->first, std::move(what)});
  return all;
}

}  // namespace assay::analysis
