#include "actors/examinations.hpp"

#include <algorithm>

namespace assay::actors {

using namespace std::chrono_literals;

namespace {

/// How much one verdict moves the mean time of a place.
constexpr double learning = 0.2;
/// What stands between two actors besides the way: results go out once in a millisecond.
constexpr duration ticks = 2ms;
/// A node never holds more than so many beyond what it runs.
constexpr std::uint32_t most_ahead = 64;
constexpr std::uint32_t tolerated_losses = 5;
/// One that has taken so many times longer than expected is slow.
constexpr double patience = 2;

}  // namespace

void examinations::add(subject of) { waiting_.push_back({std::move(of)}); }

void examinations::set(const node_offer& offer) {
  auto& p = places_[offer.node];
  p.programs = offer.most;
  p.round_trip = 2 * offer.latency + ticks;
}

void examinations::remove(const std::string& node) {
  auto found = places_.find(node);
  if (found == places_.end()) return;
  found->second.programs = 0;
  if (found->second.held.empty()) places_.erase(found);
}

// -- which place ----------------------------------------------------------------------------------

/// As many as end while one verdict travels and the next order comes back, twice, and one.
std::uint32_t examinations::most(const std::string& name, const place& p) const {
  if (name.empty() || p.programs == 0) return p.programs;
  auto on_the_way = p.interval_s > 0 ? 2 * seconds(p.round_trip) / p.interval_s : 0;
  return p.programs + 1 + static_cast<std::uint32_t>(std::min<double>(on_the_way, most_ahead - 1));
}

bool examinations::may_take(const std::string& name, const place& p, bool only_here) const {
  if (only_here) return name.empty() && p.held.size() < std::max(p.programs, 1u);
  return p.held.size() < most(name, p);
}

/// A place that has not ended one yet counts as quick as the quickest, so that it is tried.
double examinations::guess_s(const place& p) const {
  if (p.interval_s > 0) return p.interval_s;
  double quickest = 0;
  for (const auto& [name, other] : places_)
    if (auto s = other.interval_s * other.programs; s > 0 && (quickest == 0 || s < quickest))
      quickest = s;
  return (quickest > 0 ? quickest : 1) / std::max(p.programs, 1u);
}

std::optional<std::string> examinations::best_place(bool only_here) const {
  std::optional<std::string> best;
  double least = 0;
  for (const auto& [name, p] : places_) {
    if (!may_take(name, p, only_here)) continue;
    auto work = static_cast<double>(p.held.size() + 1) * guess_s(p);
    if (best && work >= least) continue;
    best = name;
    least = work;
  }
  return best;
}

void examinations::hand(std::uint64_t ticket, const std::string& name, instant now, moves& into) {
  auto& held = places_.at(name).held;
  held.push_back(ticket);
  open_.at(ticket).at.push_back({name, now, held.size()});
  into.hand_over.push_back({name, ticket});
}

examinations::moves examinations::hand_out(instant now) {
  moves made;
  for (auto* queue : {&only_here_, &waiting_}) {
    while (!queue->empty()) {
      auto place = best_place(queue == &only_here_);
      if (!place) break;
      auto ticket = next_ticket_++;
      open_.emplace(ticket, open{std::move(queue->front())});
      queue->pop_front();
      hand(ticket, *place, now, made);
    }
  }
  share_the_rest(now, made);
  return made;
}

// -- at the end -----------------------------------------------------------------------------------

bool examinations::idle() const {
  return waiting_.empty() && !open_.empty() &&
         std::any_of(places_.begin(), places_.end(),
                     [](const auto& p) { return p.second.held.size() < p.second.programs; });
}

/// What one place alone holds, and how long until it has ended there.
std::vector<examinations::candidate> examinations::candidates(instant now) const {
  std::vector<candidate> found;
  for (const auto& [name, p] : places_) {
    auto parallel = std::max<std::size_t>(p.programs, 1);
    for (std::size_t i = 0; i < p.held.size(); ++i) {
      const auto& of = open_.at(p.held[i]);
      if (of.settled || of.only_here || of.at.size() != 1) continue;
      auto begun = i < parallel;
      auto left = static_cast<double>(i + 1) * guess_s(p);
      if (begun) {
        const auto& held = of.at.front();
        auto expected = static_cast<double>(std::max(held.rank, parallel)) * guess_s(p);
        auto elapsed = seconds(now - held.since);
        left = elapsed > patience * expected ? elapsed : std::max(expected - elapsed, 0.0);
      }
      found.push_back({p.held[i], left, begun});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const candidate& a, const candidate& b) { return a.left_s > b.left_s; });
  return found;
}

void examinations::share_the_rest(instant now, moves& made) {
  if (!idle()) return;
  auto rest = candidates(now);
  for (auto& [name, p] : places_) {
    auto here_s = guess_s(p) * p.programs + seconds(p.round_trip);
    for (auto& c : rest) {
      if (p.held.size() >= p.programs || c.left_s <= here_s) break;
      auto& of = open_.at(c.ticket);
      if (of.at.size() != 1 || of.at.front().place == name) continue;
      if (!c.begun) made.ask_back.push_back({of.at.front().place, c.ticket});
      hand(c.ticket, name, now, made);
    }
  }
}

// -- what came of it ------------------------------------------------------------------------------

/// With n before it, this one included, a busy place has taken the time of n verdicts for it.
void examinations::measure(place& p, const hold& held, instant now) {
  auto n = std::max<std::size_t>({held.rank, p.programs, 1});
  auto each = seconds(now - held.since) / static_cast<double>(n);
  p.interval_s = p.interval_s == 0 ? each : p.interval_s + learning * (each - p.interval_s);
}

examinations::end examinations::ended(const std::string& name, std::uint64_t ticket,
                                      examination_end how, instant now) {
  auto found = open_.find(ticket);
  if (found == open_.end()) return {};
  auto& of = found->second;
  auto held =
      std::find_if(of.at.begin(), of.at.end(), [&](const hold& h) { return h.place == name; });
  if (held == of.at.end()) return {};
  auto& p = places_.at(name);
  if (how == examination_end::examined) measure(p, *held, now);
  of.at.erase(held);
  std::erase(p.held, ticket);
  if (how == examination_end::not_taken) p.programs = 0;
  if (p.programs == 0 && p.held.empty() && !name.empty()) places_.erase(name);

  of.losses += how == examination_end::lost;
  of.only_here |= how == examination_end::too_large || how == examination_end::refused;
  end result;
  result.hopeless = !of.settled && of.losses > tolerated_losses;
  result.counts = !of.settled && (how == examination_end::examined || result.hopeless);
  if (result.counts) {
    of.settled = true;
    result.of = of.of;
    for (const auto& other : of.at) result.call_off.push_back({other.place, ticket});
  }
  if (!of.at.empty()) return result;
  if (!of.settled) (of.only_here ? only_here_ : waiting_).push_front(std::move(of));
  open_.erase(found);
  return result;
}

bool examinations::stuck() const {
  return !waiting_.empty() && std::all_of(places_.begin(), places_.end(),
                                          [](const auto& p) { return p.second.programs == 0; });
}

}  // namespace assay::actors
