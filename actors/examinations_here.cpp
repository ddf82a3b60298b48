#include "actors/examinations_here.hpp"

#include <algorithm>

namespace assay::actors {

/// Programs run confined here, whatever the coordinator does with its own.
judge_ability examinations_here::learn(const node_judge& of) {
  if (config_.programs == 0) return {of.number, "this node runs no programs"};
  auto settings = of.settings;
  settings.programs.unsafe = false;
  auto rule = config_.make_rule(settings, of.files);
  if (!rule) return {of.number, render(rule.error())};
  judges_[of.number].rule = std::move(*rule);
  return {of.number, ""};
}

void examinations_here::forget(std::uint64_t judge) {
  if (auto found = judges_.extract(judge))
    for (const auto& e : found.mapped().waiting) end(e.ticket, examination_end::called_off);
}

void examinations_here::forget_all() {
  judges_.clear();
  for (auto& [number, r] : running_) {
    r.wanted = false;
    r.job->stop.raise();
  }
  ended_.clear();
}

void examinations_here::end(std::uint64_t ticket, examination_end how, verdict what) {
  ended_.push_back({ticket, how, std::move(what)});
}

void examinations_here::take(std::vector<examination>& batch) {
  for (auto& e : batch) {
    auto of = judges_.find(e.judge);
    if (of == judges_.end())
      end(e.ticket, examination_end::not_taken);
    else
      of->second.waiting.push_back(std::move(e));
  }
  begin();
}

/// The judge whose turn was longest ago, of those for which something waits.
examinations_here::judge* examinations_here::next() {
  judge* first = nullptr;
  for (auto& [number, j] : judges_)
    if (!j.waiting.empty() && (!first || j.last < first->last)) first = &j;
  return first;
}

void examinations_here::begin() {
  for (auto* j = next(); j && running_.size() < config_.programs; j = next()) {
    auto what = std::make_shared<examination>(std::move(j->waiting.front()));
    j->waiting.pop_front();
    j->last = ++turn_;
    auto job = std::make_shared<examination_job>();
    job->rule = j->rule;
    job->item = {what, &what->item};
    job->reply = {what, &what->reply};
    if (idle_.empty()) idle_.push_back(config_.examiners(*self_));
    auto number = next_number_++;
    running_[number] = {what->ticket, true, job};
    self_->send(idle_.back(), number, std::move(job));
    idle_.pop_back();
  }
}

void examinations_here::call_off(const std::vector<std::uint64_t>& tickets, bool even_if_begun) {
  auto is_meant = [&](std::uint64_t ticket) {
    return std::find(tickets.begin(), tickets.end(), ticket) != tickets.end();
  };
  for (auto& [number, j] : judges_)
    std::erase_if(j.waiting, [&](const examination& e) {
      if (!is_meant(e.ticket)) return false;
      end(e.ticket, examination_end::called_off);
      return true;
    });
  for (auto& [number, r] : running_)
    if (even_if_begun && is_meant(r.ticket)) r.job->stop.raise();
}

void examinations_here::examined(std::uint64_t number, verdict& v) {
  idle_.push_back(caf::actor_cast<examiner_actor>(self_->current_sender()));
  auto r = running_.extract(number).mapped();
  if (r.wanted && r.job->stop.raised())
    end(r.ticket, examination_end::called_off);
  else if (r.wanted)
    end(r.ticket, examination_end::examined, std::move(v));
  begin();
}

std::uint32_t examinations_here::count() const {
  auto all = running_.size();
  for (const auto& [number, j] : judges_) all += j.waiting.size();
  return static_cast<std::uint32_t>(all);
}

}  // namespace assay::actors
