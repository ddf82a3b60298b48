#include "actors/judge.hpp"

#include <spdlog/spdlog.h>

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// While a place has nothing to do and others do, or some wait and there is no place.
constexpr auto look_every = 250ms;
constexpr auto patience = 10s;  ///< until it is said why nothing moves

}  // namespace

void judge_state::configure(judge_config config) {
  config_ = std::move(config);
  auto here = config_.rule->blocks();
  blocks_ = here > 0 && config_.examiners;
  if (!blocks_) return;
  todo_ = examinations(std::min(here, config_.most_here));
  if (config_.nodes)
    self_->send(config_.nodes, join_atom_v, node_judge{0, config_.settings, config_.files},
                judge_actor{self_});
}

/// Who asks for no verdicts any more does not wait for programs to end.
judge_state::~judge_state() {
  for (const auto& [ticket, job] : jobs_) job->stop.raise();
}

judge_actor::behavior_type judge_state::make_behavior() {
  return {[this](const record_batch& batch) { score(batch); },
          [this](std::uint64_t ticket, verdict& v) { examined_here(ticket, v); },
          [this](const std::string& place, std::vector<ended_examination>& e) { ended(place, e); },
          [this](join_atom, const node_offer& offer, const examining_place_actor& place) {
            nodes_[offer.node] = place;
            todo_.set(offer);
            hand_out();
          },
          [this](leave_atom, const std::string& node) { todo_.remove(node); },
          [this](internal_atom) { look(); }};
}

/// What needs no reading is settled at once.
void judge_state::score(const record_batch& batch) {
  std::vector<verdict> verdicts;
  for (std::uint32_t i = 0; i < batch->size(); ++i) {
    const auto& r = (*batch)[i];
    if (r.got.status == outcome_status::error) continue;
    if (blocks_ && !evaluation::verdict_by_status(r))
      todo_.add({batch, i});
    else
      verdicts.push_back(evaluation::judge_record(*config_.rule, config_.settings, r));
  }
  if (!verdicts.empty()) self_->send(config_.recorder, std::move(verdicts));
  hand_out();
}

// -- what ended -----------------------------------------------------------------------------------

void judge_state::examined_here(std::uint64_t ticket, verdict& v) {
  idle_.push_back(caf::actor_cast<examiner_actor>(self_->current_sender()));
  auto job = jobs_.extract(ticket).mapped();
  auto how = job->stop.raised() ? examination_end::called_off : examination_end::examined;
  std::vector<ended_examination> one{{ticket, how, std::move(v)}};
  ended("", one);
}

void judge_state::ended(const std::string& place, std::vector<ended_examination>& batch) {
  std::vector<verdict> verdicts;
  for (auto& e : batch) {
    auto end = todo_.ended(place, e.ticket, e.how, now());
    for (const auto& other : end.call_off) call_off(other);
    if (!end.counts) continue;
    if (end.hopeless)
      e.what = {.explanation = "six nodes were lost while they had it: it may be what ends them"};
    verdicts.push_back(
        evaluation::signed_verdict(std::move(e.what), config_.settings, end.of.what()));
  }
  if (!verdicts.empty()) self_->send(config_.recorder, std::move(verdicts));
  hand_out();
}

void judge_state::call_off(const examinations::handing& what) {
  if (what.place.empty()) {
    jobs_.at(what.ticket)->stop.raise();
  } else {
    self_->send(nodes_.at(what.place), cancel_atom_v, std::vector<std::uint64_t>{what.ticket},
                true);
  }
}

// -- what goes out --------------------------------------------------------------------------------

void judge_state::hand_out() {
  auto moves = todo_.hand_out(now());
  std::map<std::string, std::vector<examination>> for_nodes;
  for (const auto& [place, ticket] : moves.hand_over) {
    if (place.empty()) {
      examine_here(ticket);
      continue;
    }
    const auto& r = todo_.at(ticket).what();
    for_nodes[place].push_back({ticket, 0, r.asked.item, r.got.reply});
  }
  for (auto& [node, some] : for_nodes) self_->send(nodes_.at(node), std::move(some));
  std::map<std::string, std::vector<std::uint64_t>> back;
  for (const auto& [place, ticket] : moves.ask_back)
    if (!place.empty()) back[place].push_back(ticket);
  for (auto& [node, tickets] : back)
    self_->send(nodes_.at(node), cancel_atom_v, std::move(tickets), false);
  look_again();
}

void judge_state::examine_here(std::uint64_t ticket) {
  if (idle_.empty()) idle_.push_back(config_.examiners(*self_));
  auto of = todo_.at(ticket);
  const auto& r = of.what();
  auto job = std::make_shared<examination_job>();
  job->rule = config_.rule;
  job->item = {of.batch, &r.asked.item};
  job->reply = {of.batch, &r.got.reply};
  jobs_[ticket] = job;
  self_->send(idle_.back(), ticket, job);
  idle_.pop_back();
}

// -- time -----------------------------------------------------------------------------------------

void judge_state::look_again() {
  if (looking_ || (!todo_.idle() && !todo_.stuck())) return;
  looking_ = true;
  self_->delayed_send(self_, look_every, internal_atom_v);
}

void judge_state::look() {
  looking_ = false;
  if (!todo_.stuck()) {
    stuck_since_.reset();
    said_stuck_ = false;
  } else if (!stuck_since_) {
    stuck_since_ = now();
  } else if (now() - *stuck_since_ > patience && !std::exchange(said_stuck_, true)) {
    spdlog::warn("no-node judge={} reason=\"no node runs its programs, nor does this process\"",
                 config_.settings.name);
  }
  hand_out();
}

judge_actor::behavior_type judge(judge_actor::stateful_pointer<judge_state> self,
                                 judge_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
