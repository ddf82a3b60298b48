#include "actors/conductor.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "evaluation/model_request.hpp"
#include "evaluation/task_identity.hpp"

namespace assay::actors {

using evaluation::call_result;
using evaluation::wanted_call;

namespace {

/// Tokens a second of a usual answer, to guess how long a call takes before any is measured.
constexpr double usual_tokens_per_second = 50;
constexpr double usual_output = 512;

}  // namespace

void conductor_state::configure(conductor_config config) {
  config_ = std::move(config);
  auto count = config_.own_threads ? config_.maker->blocks() : 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    hands_.push_back(self_->spawn<caf::detached + caf::linked>(hand, hand_config{self_, i}));
    free_.push_back(i);
  }
}

conductor_actor::behavior_type conductor_state::make_behavior() {
  return {[this](std::vector<handed_task>& tasks) { take_samples(tasks); },
          [this](drain_atom) { drain(); },
          [this](const record_batch& batch) { take_records(batch); },
          [this](return_atom, const std::vector<task_key>& keys) { take_returned(keys); },
          [](commit_atom, std::uint32_t) {},
          [this](std::uint32_t hand, const procedure_move_ptr& move) { moved(hand, *move); }};
}

// -- what comes in --------------------------------------------------------------------------------

void conductor_state::take_samples(std::vector<handed_task>& tasks) {
  for (auto& t : tasks) {
    asked_ -= std::min(asked_, 1u);
    record about;
    about.asked = std::move(t.what);
    begin(std::move(about));
  }
  go_on();
}

void conductor_state::take_records(const record_batch& batch) {
  for (std::uint32_t i = 0; i < batch->size(); ++i) {
    const auto& r = (*batch)[i];
    if (r.asked.is_step()) {
      auto made = calls_.extract(r.asked.key);
      if (!made) continue;  // another's
      auto& u = open_.at(made.mapped().parent);
      --u.calls;
      note(u, std::move(made.mapped().label), r.got);
      advance(u);
    } else if (config_.judges() && r.got.status != outcome_status::error) {
      waiting_.emplace_back(batch, i);
    }
  }
  go_on();
}

void conductor_state::take_returned(const std::vector<task_key>& keys) {
  for (const auto& key : keys) {
    auto made = calls_.extract(key);
    if (!made) continue;
    auto& u = open_.at(made.mapped().parent);
    --u.calls;
    u.given_up = true;
    advance(u);
  }
  go_on();
}

void conductor_state::moved(std::uint32_t hand, procedure_move& move) {
  free_.push_back(hand);
  auto& u = open_.at(move.parent);
  u.with_hand = false;
  want(u, move.wanted);
  advance(u);
  hand_out();
  go_on();
}

void conductor_state::drain() { draining_ = true; }

// -- one procedure --------------------------------------------------------------------------------

void conductor_state::begin(record about) {
  auto key = about.asked.key;
  auto& u = open_[key];
  u.about = std::move(about);
  u.doing = config_.maker->make(u.about);
  auto move = std::make_shared<procedure_move>();
  move->parent = key;
  move->doing = u.doing;
  if (hands_.empty()) {
    move->make();
    want(u, move->wanted);
    return advance(u);
  }
  u.with_hand = true;
  moves_.push_back(std::move(move));
  hand_out();
}

/// Tells the procedure what has come back, as far as it can be moved on now; ends it if nothing is
/// open any more.
void conductor_state::advance(under_way& u) {
  while (!u.with_hand && !u.given_up && !u.results.empty()) {
    auto move = std::make_shared<procedure_move>();
    move->parent = u.about.asked.key;
    move->doing = u.doing;
    move->result = std::move(u.results.front());
    u.results.pop_front();
    if (hands_.empty()) {
      move->make();
      want(u, move->wanted);
    } else {
      u.with_hand = true;
      moves_.push_back(std::move(move));
      hand_out();
    }
  }
  if (!u.with_hand && u.calls == 0) u.given_up ? leave(u) : end(u);
}

void conductor_state::want(under_way& u, std::vector<wanted_call>& wanted) {
  for (auto& w : wanted) {
    auto step = make_step(u, w);
    if (auto known = config_.memory.steps.extract(step.what.key)) {
      note(u, std::move(w.label), known.mapped());
      continue;
    }
    if (u.given_up) continue;
    ++u.calls;
    calls_.emplace(step.what.key, call{u.about.asked.key, std::move(w.label)});
    wanted_.push_back(std::move(step));
  }
}

follow_up conductor_state::make_step(const under_way& u, const wanted_call& w) const {
  const auto& parent = u.about.asked;
  const auto& model = config_.models.at(w.model);
  follow_up step;
  auto& t = step.what;
  t.request = w.request;
  evaluation::take_from_model(t.request, model);
  t.parent = parent.key;
  t.key = evaluation::step_identity(parent.key, config_.purpose, w.label, t.request);
  t.epoch = parent.epoch;
  t.run = config_.run;
  t.where = parent.where;
  t.where.model = model.name;
  if (config_.judges()) {
    t.where.mode = "judge";
    t.where.prompt = config_.purpose;
  }
  t.item.id = parent.item.id;
  t.providers = model.providers;
  t.input_tokens = evaluation::estimate_tokens(t.request);
  auto output =
      t.request.max_tokens ? std::min<double>(*t.request.max_tokens, usual_output) : usual_output;
  step.kind = {model.name, model.providers, model.fallback, model.route,
               output / usual_tokens_per_second};
  return step;
}

call_result conductor_state::result_of(std::string label, const outcome& got) {
  call_result r{std::move(label), got.status, got.error, got.reply, got.provider, got.cost};
  for (const auto& tried : got.attempts)
    r.tokens += tried.usage.input.value_or(0) + tried.usage.output.value_or(0);
  if (!got.attempts.empty()) {
    const auto& at = got.attempts.back().at;
    r.service = std::chrono::duration_cast<milliseconds>(at.done - at.sent);
  }
  return r;
}

void conductor_state::note(under_way& u, std::string label, const outcome& got) {
  u.cost += got.cost;
  if (!got.provider.empty()) u.provider = got.provider;
  u.results.push_back(result_of(std::move(label), got));
}

// -- how it ends ----------------------------------------------------------------------------------

void conductor_state::end(under_way& u) {
  const auto key = u.about.asked.key;
  auto ended = u.doing->end();
  if (auto* answered = std::get_if<outcome>(&ended)) {
    record_sample(u, std::move(*answered));
  } else if (auto* given = std::get_if<verdict>(&ended)) {
    give_verdict(u.about, std::move(*given));
  } else {
    spdlog::warn("no-verdict judge={} sample={} cause=\"{}\"", config_.purpose,
                 u.about.asked.item.id, std::get<evaluation::no_verdict>(ended).reason);
    self_->send(config_.scheduler, waive_atom_v, config_.run, std::uint64_t{1});
    if (config_.stopper) self_->send(config_.stopper, waive_atom_v, key);
  }
  open_.erase(key);
}

void conductor_state::record_sample(under_way& u, outcome got) {
  got.key = u.about.asked.key;
  got.cost = u.cost;
  got.provider = u.provider;
  u.about.got = std::move(got);
  self_->send(config_.recorder, std::move(u.about));
}

void conductor_state::give_verdict(const record& about, verdict v) {
  v.key = about.asked.key;
  v.judge = config_.purpose;
  v.judge_version = config_.judge_version(about.asked.item);
  self_->send(config_.recorder, std::vector<verdict>{std::move(v)});
}

/// The run ends first: what is paid for stays in the ledger, and the next start goes on from there.
void conductor_state::leave(under_way& u) {
  const auto& asked = u.about.asked;
  if (config_.judges())
    self_->send(config_.scheduler, waive_atom_v, config_.run, std::uint64_t{1});
  else
    self_->send(config_.scheduler, return_atom_v, config_.purpose,
                std::vector<returned_task>{{asked.run, asked.position, {}}});
  open_.erase(asked.key);
}

// -- going on -------------------------------------------------------------------------------------

void conductor_state::hand_out() {
  while (!free_.empty() && !moves_.empty()) {
    self_->send(hands_[free_.back()], std::move(moves_.front()));
    free_.pop_back();
    moves_.pop_front();
  }
}

/// Begins or asks for as much as there is room for, and sends off what has been wanted meanwhile.
void conductor_state::go_on() {
  while (!waiting_.empty() && open_.size() < config_.most_open) {
    auto [batch, index] = std::move(waiting_.front());
    waiting_.pop_front();
    begin((*batch)[index]);
  }
  if (!wanted_.empty())
    self_->send(config_.scheduler, std::exchange(wanted_, {}),
                caf::actor_cast<asker_actor>(conductor_actor(self_)));
  auto busy = static_cast<std::uint32_t>(open_.size()) + asked_;
  if (config_.judges() || draining_ || busy >= config_.most_open) return;
  auto more = config_.most_open - busy;
  asked_ += more;
  asked_ever_ += more;
  self_->send(config_.scheduler, credit{config_.purpose, more, asked_ever_});
}

conductor_actor::behavior_type conductor(conductor_actor::stateful_pointer<conductor_state> self,
                                         conductor_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
