#include "app/ranking/pairs.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "analysis/random_stream.hpp"

namespace assay::ranking {

namespace {

/// A row's identity among those that it may be paired with.
struct place {
  std::uint64_t sample = 0;
  std::uint64_t rest = 0;  ///< of epoch and cell
  std::uint32_t row = 0;

  bool operator<(const place& other) const {
    return sample != other.sample ? sample < other.sample : rest < other.rest;
  }
};

std::vector<std::uint64_t> numbers_of_cells(const material& read, const pairing& by) {
  std::vector<std::uint64_t> numbers;
  for (const auto& c : read.cells) {
    std::string text;
    if (by.model) text += c.model;
    text += '\x1f';
    if (by.prompt) text += c.prompt;
    text += '\x1f';
    if (by.mode) text += c.mode;
    numbers.push_back(std::hash<std::string>{}(text));
  }
  return numbers;
}

std::vector<place> places_of(const side& of, const std::vector<std::uint64_t>& cells) {
  std::vector<place> places;
  places.reserve(of.rows.size());
  for (const auto& row : of.rows)
    places.push_back({row.sample, analysis::random_stream(cells[row.cell] + row.epoch)(),
                      static_cast<std::uint32_t>(places.size())});
  std::sort(places.begin(), places.end());
  return places;
}

/// Whether some side knows several of them.
bool several(const material& read, std::string cell::*part) {
  for (const auto& side : read.sides) {
    std::set<std::uint32_t> cells;
    for (const auto& row : side.rows) cells.insert(row.cell);
    for (auto c : cells)
      if (read.cells[c].*part != read.cells[*cells.begin()].*part) return true;
  }
  return false;
}

}  // namespace

pairing pairing_of(const material& read, subject what) {
  return {what != subject::model && several(read, &cell::model),
          what != subject::prompt && several(read, &cell::prompt), several(read, &cell::mode)};
}

std::string to_string(const pairing& by) {
  std::string text = "dataset, sample, epoch";
  if (by.model) text += ", model";
  if (by.prompt) text += ", prompt";
  if (by.mode) text += ", mode";
  return text;
}

std::vector<match> match_rows(const material& read, const side& a, const side& b,
                              const pairing& by) {
  const auto cells = numbers_of_cells(read, by);
  const auto of_a = places_of(a, cells), of_b = places_of(b, cells);
  std::vector<match> matches;
  matches.reserve(std::min(of_a.size(), of_b.size()));
  for (auto i = of_a.begin(), j = of_b.begin(); i != of_a.end() && j != of_b.end();) {
    if (*i < *j) {
      ++i;
    } else if (*j < *i) {
      ++j;
    } else {
      matches.push_back({(i++)->row, (j++)->row});
    }
  }
  return matches;
}

std::vector<analysis::paired_score> scores_of(const material& read, const side& a, const side& b,
                                              std::size_t judge,
                                              const std::vector<match>& matches) {
  std::vector<analysis::paired_score> scores;
  std::uint64_t sample = 0;
  double pairs = 0;
  auto finish = [&] {
    if (pairs <= 1) return;
    scores.back().a /= pairs;
    scores.back().b /= pairs;
  };
  for (const auto& m : matches) {
    const double left = read.score(a, m.a, judge), right = read.score(b, m.b, judge);
    if (std::isnan(left) || std::isnan(right)) continue;
    const auto& row = a.rows[m.a];
    if (scores.empty() || row.sample != sample) {
      finish();
      scores.push_back({0, 0, row.cluster});
      sample = row.sample;
      pairs = 0;
    }
    scores.back().a += left;
    scores.back().b += right;
    ++pairs;
  }
  finish();
  return scores;
}

}  // namespace assay::ranking
