#include "app/probe/inquiry.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace assay::probing {

namespace {

/// A limiter of rate may by chance let the same number in twice; after so many volleys in a row
/// that were refused in part it would be empty.
constexpr int sure_of_places = 4;

constexpr std::size_t candidates_of_each_kind = 1'200;
/// A volley is taken in so many steps, with so many moves after each.
constexpr int steps = 3;
constexpr int moves = 2;
/// Once something was refused, a volley may be as large as this, whatever was taken before.
constexpr int always_at_once = 16;
/// How many candidates are asked what they expect of a question.
constexpr std::size_t jury = 300;

/// Windows that APIs are known to count in.
constexpr std::array<double, 8> windows_s{1, 2, 5, 10, 15, 20, 30, 60};
constexpr std::array<double, 14> pauses_s{0,   0.1, 0.2, 0.5, 1,  1.5, 2.5,
                                          4.0, 6,   10,  15,  25, 40,  61};

struct scale {
  double low, high;
};
constexpr scale rates{0.05, 500};
constexpr scale amounts{1, 1'000};

double log_uniform(std::mt19937_64& random, scale s) {
  return std::exp(std::uniform_real_distribution<>(std::log(s.low), std::log(s.high))(random));
}

bool within(double x, scale s) { return x >= s.low && x <= s.high; }

hypothesis draw(kind what, std::mt19937_64& random) {
  hypothesis h{.what = what};
  if (what == kind::none) return h;
  h.amount = log_uniform(random, amounts);
  if (what == kind::bucket)
    h.rate = log_uniform(random, rates);
  else
    h.amount = std::round(h.amount);
  if (what == kind::fixed_window || what == kind::sliding_log)
    h.window_s = windows_s[random() % windows_s.size()];
  if (what == kind::fixed_window) h.phase = std::uniform_real_distribution<>(0, 1)(random);
  return h;
}

estimate spread(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  auto at = [&](double part) {
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
  };
  return {at(0.5), at(0.05), at(0.95)};
}

double rate_of(const hypothesis& h) {
  return h.what == kind::bucket ? h.rate : h.window_s > 0 ? h.amount / h.window_s : 0;
}

bool known_to(const estimate& e, double error) { return e.high - e.low <= 2 * error * e.value; }

}  // namespace

inquiry::inquiry(std::uint64_t seed) : random_(seed) {
  for (std::size_t k = 0; k < kinds; ++k)
    for (std::size_t i = 0; i < candidates_of_each_kind; ++i)
      all_[k].members.push_back({draw(static_cast<kind>(k), random_), {}});
}

void inquiry::learn(const volley& v) {
  seen_.push_back(v);
  for (auto& of_kind : all_) {
    for (auto& c : of_kind.members) c.fit = explain(c.what, seen_);
    for (int step = 1; step <= steps; ++step) learn(of_kind, step);
  }
}

/// Takes the last volley in by a further part, so that candidates can follow a surprise.
void inquiry::learn(population& of_kind, int step) {
  std::vector<double> weights;
  double best = -1e300, sum = 0;
  for (const auto& c : of_kind.members) {
    weights.push_back((c.fit.with - c.fit.before) / steps);
    best = std::max(best, weights.back());
  }
  for (auto& w : weights) sum += w = std::exp(w - best);
  of_kind.log_evidence += best + std::log(sum / static_cast<double>(weights.size()));
  resample(of_kind, weights);
  for (auto& c : of_kind.members)
    for (int i = 0; i < moves; ++i) move(c, static_cast<double>(step) / steps);
}

/// Systematic resampling: each candidate comes back as often as its weight says.
void inquiry::resample(population& of_kind, const std::vector<double>& weights) {
  auto& members = of_kind.members;
  double total = 0;
  for (auto w : weights) total += w;
  auto step = total / static_cast<double>(members.size());
  auto next = std::uniform_real_distribution<>(0, step)(random_);
  std::vector<candidate> kept;
  kept.reserve(members.size());
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    for (sum += weights[i]; next < sum && kept.size() < members.size(); next += step)
      kept.push_back(members[i]);
  if (!kept.empty()) kept.resize(members.size(), kept.back());
  members = std::move(kept);
}

std::array<double, kinds> inquiry::probabilities() const {
  std::array<double, kinds> p{};
  double best = -1e300, sum = 0;
  for (const auto& of_kind : all_) best = std::max(best, of_kind.log_evidence);
  for (std::size_t k = 0; k < kinds; ++k) sum += p[k] = std::exp(all_[k].log_evidence - best);
  for (auto& x : p) x /= sum;
  return p;
}

/// A neighbour, drawn symmetrically in the logarithms of the figures.
hypothesis inquiry::nudged(const hypothesis& from) {
  auto h = from;
  auto step = std::pow(10, -std::uniform_real_distribution<>(0.3, 3)(random_));
  std::normal_distribution<> push(0, step);
  h.rate *= std::exp(push(random_));
  if (h.what == kind::bucket)
    h.amount *= std::exp(push(random_));
  else
    h.amount += std::round(push(random_) * 10);
  h.phase += push(random_);
  h.phase -= std::floor(h.phase);
  if (h.window_s > 0 && random_() % 4 == 0) h.window_s = windows_s[random_() % windows_s.size()];
  return h;
}

/// A step of Metropolis: towards a neighbour as often as it explains more, of the last volley a
/// `share`.
void inquiry::move(candidate& c, double share) {
  if (c.what.what == kind::none) return;
  auto h = nudged(c.what);
  if (!within(h.amount, amounts)) return;
  if (h.what == kind::bucket && !within(h.rate, rates)) return;
  auto fit = explain(h, seen_);
  auto worth = [&](const log_likelihood& f) { return f.before + share * (f.with - f.before); };
  auto chance = std::uniform_real_distribution<>(0, 1)(random_);
  if (std::log(chance) < worth(fit) - worth(c.fit)) c = {h, fit};
}

belief inquiry::best() const {
  auto p = probabilities();
  auto most = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
  belief b;
  b.what = static_cast<kind>(most);
  b.probability = p[most];
  std::vector<double> rate, amount, window;
  for (const auto& c : all_[most].members) {
    rate.push_back(rate_of(c.what));
    amount.push_back(c.what.amount);
    window.push_back(c.what.window_s);
  }
  b.rate = spread(std::move(rate));
  b.amount = spread(std::move(amount));
  b.window_s = spread(std::move(window));
  return b;
}

std::ptrdiff_t inquiry::refusals() const {
  return std::count_if(seen_.begin(), seen_.end(), [](const volley& v) { return v.refused() > 0; });
}

bool inquiry::settled() const {
  auto b = best();
  if (b.what == kind::none || b.probability < 0.98) return false;
  auto whole = std::max(0.05, 0.5 / std::max(1.0, b.amount.value));  // amounts are whole numbers
  if (b.what == kind::concurrency)
    return refusals() >= sure_of_places && known_to(b.amount, whole / 2);
  return known_to(b.rate, 0.05) && known_to(b.amount, whole);
}

/// How much the jury disagrees on the outcome: the entropy of what it expects, counts that could be
/// taken for each other put together.
double inquiry::value(const std::vector<standing>& limiters, double at_s, int requests) const {
  std::map<int, double> expected;
  for (const auto& limiter : limiters) {
    auto count = std::floor(std::clamp<double>(limiter.room(at_s), 0, requests));
    ++expected[static_cast<int>(count < 8 ? count : 8 + std::floor(8 * std::log(count / 8)))];
  }
  double entropy = 0;
  for (const auto& [count, votes] : expected) {
    auto part = votes / static_cast<double>(limiters.size());
    entropy -= part * std::log(part);
  }
  return entropy;
}

std::optional<question> inquiry::next(double now_s, const allowance& left) const {
  if (left.requests <= 0) return std::nullopt;
  int taken = 0;
  bool refused = false;
  for (const auto& v : seen_) {
    taken = std::max(taken, v.accepted);
    refused = refused || v.refused();
  }
  if (!refused) return question{0, std::min(left.requests, std::max(1, 2 * taken))};
  auto most_at_once = std::min(left.requests, std::max(always_at_once, 2 * taken));
  if (best().what == kind::concurrency && refusals() < sure_of_places)
    return question{0, most_at_once};
  std::vector<standing> limiters;
  auto p = probabilities();
  for (std::size_t k = 0; k < kinds; ++k) {
    auto seats = static_cast<std::size_t>(std::lround(p[k] * jury));
    for (std::size_t i = 0; i < seats; ++i) {
      const auto& members = all_[k].members;
      limiters.emplace_back(members[i * members.size() / seats].what);
      for (const auto& v : seen_) limiters.back().book(v);
    }
  }
  std::optional<question> chosen;
  double most = 0.01;
  std::vector<int> sizes{most_at_once};
  for (int n = 1; n < most_at_once; n *= 2) sizes.push_back(n);
  for (auto n : sizes)
    for (auto pause : pauses_s) {
      if (pause > left.time_s) continue;
      auto price = 1 + 8.0 * n / (left.requests + 1) + 4 * pause / (left.time_s + 1) +
                   0.5 * pause / (1 + pause);
      auto worth = value(limiters, now_s + pause, n) / price;
      if (worth <= most) continue;
      most = worth;
      chosen = {pause, n};
    }
  return chosen;
}

}  // namespace assay::probing
