#include "analysis/place_separation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/median.hpp"
#include "analysis/power.hpp"
#include "analysis/random_stream.hpp"

namespace assay::analysis {

namespace {

constexpr double least_part = 0.025;
/// Draws for an interval, and how many values all draws together may go through.
constexpr std::size_t most_draws = 1000, least_draws = 200, most_values = 4'000'000;

/// Which rounds and places hang together: union by common values.
class links {
 public:
  links(const std::vector<placed_time>& times, std::size_t rounds, std::size_t places)
      : rounds_(rounds), parent_(rounds + places) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    for (const auto& t : times) parent_[root(t.round)] = root(rounds_ + t.place);
  }
  std::size_t of_place(std::size_t place) { return root(rounds_ + place); }

 private:
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  std::size_t rounds_;
  std::vector<std::size_t> parent_;
};

/// The times of the largest part that hangs together.
std::vector<placed_time> linked(const std::vector<placed_time>& times, std::size_t rounds,
                                std::size_t places) {
  links parts(times, rounds, places);
  std::vector<std::size_t> size(rounds + places);
  for (const auto& t : times) ++size[parts.of_place(t.place)];
  const auto largest =
      static_cast<std::size_t>(std::max_element(size.begin(), size.end()) - size.begin());
  std::vector<placed_time> kept;
  for (const auto& t : times)
    if (parts.of_place(t.place) == largest) kept.push_back(t);
  return kept;
}

std::vector<two_way_cell> cells_of(const std::vector<placed_time>& times) {
  std::vector<two_way_cell> cells;
  cells.reserve(times.size());
  for (const auto& t : times) cells.push_back({t.round, t.place, t.value});
  return cells;
}

std::vector<std::vector<two_way_cell>> by_round(const std::vector<placed_time>& times,
                                                std::size_t rounds) {
  std::vector<std::vector<two_way_cell>> all(rounds);
  for (const auto& t : times) all[t.round].push_back({t.round, t.place, t.value});
  std::erase_if(all, [](const auto& round) { return round.empty(); });
  return all;
}

void set_medians(place_effect& place, std::size_t index, const std::vector<placed_time>& times) {
  std::vector<double> clients, networks;
  for (const auto& t : times) {
    if (t.place != index) continue;
    clients.push_back(t.client);
    if (t.network) networks.push_back(*t.network);
  }
  place.values = clients.size();
  if (!clients.empty()) place.client = median(clients);
  if (!networks.empty()) place.network = median(networks);
}

/// How much further each place is than the nearest, for rounds drawn with replacement; by place.
std::vector<std::vector<double>> drawn_effects(const std::vector<placed_time>& times,
                                               std::size_t rounds, std::size_t places,
                                               std::size_t nearest, std::uint64_t seed) {
  const auto all = by_round(times, rounds);
  const auto draws = std::clamp(most_values / times.size(), least_draws, most_draws);
  random_stream random(seed);
  std::vector<std::vector<double>> drawn(places);
  std::vector<two_way_cell> sample;
  std::vector<bool> present(places);
  for (std::size_t d = 0; d < draws; ++d) {
    sample.clear();
    present.assign(places, false);
    for (std::size_t row = 0; row < all.size(); ++row)
      for (auto cell : all[(random() >> 32) * all.size() >> 32]) {
        cell.row = row;
        sample.push_back(cell);
        present[cell.column] = true;
      }
    if (!present[nearest]) continue;
    const auto fit = median_polish(sample, all.size(), places);
    for (std::size_t p = 0; p < places; ++p)
      if (present[p]) drawn[p].push_back(fit.columns[p] - fit.columns[nearest]);
  }
  return drawn;
}

double spread(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (auto v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / (n - 1));
}

void set_interval(place_effect& place, std::vector<double> drawn, std::size_t rounds) {
  if (drawn.size() < least_draws / 2) return;
  std::sort(drawn.begin(), drawn.end());
  const auto last = static_cast<double>(drawn.size() - 1);
  auto at = [&](double part) { return drawn[static_cast<std::size_t>(std::lround(part * last))]; };
  place.interval = {at(least_part), at(1 - least_part)};
  if (!place.told_apart())
    place.rounds_needed = samples_to_detect(std::abs(place.further), spread(drawn), rounds);
}

void set_parts(place_effect& place, const place_effect& nearest) {
  place.further = place.typical - nearest.typical;
  place.by_client = place.client - nearest.client;
  if (place.network && nearest.network) place.by_network = *place.network - *nearest.network;
  place.by_rest = place.further - place.by_client - place.by_network.value_or(0);
}

void set_provider(separation& s, const two_way_fit& fit, const std::vector<placed_time>& times) {
  const auto& from = s.places[*s.nearest];
  for (const auto& t : times)
    s.provider[t.round] = from.typical + fit.rows[t.round] - from.client - from.network.value_or(0);
  s.rounds = static_cast<std::size_t>(std::count_if(s.provider.begin(), s.provider.end(),
                                                    [](const auto& v) { return v.has_value(); }));
}

}  // namespace

std::size_t separation::places_compared() const {
  return static_cast<std::size_t>(
      std::count_if(places.begin(), places.end(), [](const auto& p) { return p.compared; }));
}

separation separate(const std::vector<placed_time>& times, std::size_t rounds, std::size_t places,
                    std::uint64_t seed) {
  separation s;
  s.places.resize(places);
  s.provider.resize(rounds);
  for (std::size_t p = 0; p < places; ++p) set_medians(s.places[p], p, times);
  const auto kept = linked(times, rounds, places);
  if (kept.empty()) return s;

  const auto fit = median_polish(cells_of(kept), rounds, places);
  for (const auto& t : kept) s.places[t.place].compared = true;
  for (std::size_t p = 0; p < places; ++p) {
    auto& place = s.places[p];
    if (!place.compared) continue;
    place.typical = fit.overall + fit.columns[p];
    if (!s.nearest || place.typical < s.places[*s.nearest].typical) s.nearest = p;
  }
  for (auto& place : s.places)
    if (place.compared) set_parts(place, s.places[*s.nearest]);
  set_provider(s, fit, kept);
  s.variance = parts_of_variance(cells_of(kept), rounds, places);
  if (s.rounds < rounds_for_interval || s.places_compared() < 2) return s;
  auto drawn = drawn_effects(kept, rounds, places, *s.nearest, seed);
  for (std::size_t p = 0; p < places; ++p)
    if (p != *s.nearest && s.places[p].values >= rounds_for_interval)
      set_interval(s.places[p], std::move(drawn[p]), s.rounds);
  return s;
}

}  // namespace assay::analysis
