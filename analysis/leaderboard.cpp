#include "analysis/leaderboard.hpp"

#include <algorithm>

namespace assay::analysis {

namespace {

using group = std::vector<bool>;  ///< by entry

bool contains(const group& all, const group& part) {
  for (std::size_t i = 0; i < part.size(); ++i)
    if (part[i] && !all[i]) return false;
  return true;
}

/// Leaves out groups that another one contains.
void absorb(std::vector<group>& groups) {
  for (std::size_t i = 0; i < groups.size();) {
    bool absorbed = false;
    for (std::size_t j = 0; j < groups.size() && !absorbed; ++j)
      absorbed = j != i && contains(groups[j], groups[i]) && (j < i || groups[j] != groups[i]);
    if (absorbed)
      groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
}

/// Splits each group that holds both.
void keep_apart(std::vector<group>& groups, std::size_t one, std::size_t other) {
  const auto count = groups.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (!groups[i][one] || !groups[i][other]) continue;
    groups.push_back(groups[i]);
    groups[i][other] = false;
    groups.back()[one] = false;
  }
  absorb(groups);
}

std::string letter(std::size_t n) {
  std::string name;
  for (++n; n > 0; n = (n - 1) / 26)
    name.insert(name.begin(), static_cast<char>('a' + (n - 1) % 26));
  return name;
}

}  // namespace

std::vector<std::vector<std::string>> letter_groups(
    std::size_t count, const std::function<bool(std::size_t, std::size_t)>& distinguishable) {
  std::vector<group> groups{group(count, true)};
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = i + 1; j < count; ++j)
      if (distinguishable(i, j)) keep_apart(groups, i, j);
  // The group of the best entry first.
  std::sort(groups.begin(), groups.end(), std::greater<>());
  std::vector<std::vector<std::string>> letters(count);
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (std::size_t i = 0; i < count; ++i)
      if (groups[g][i]) letters[i].push_back(letter(g));
  return letters;
}

}  // namespace assay::analysis
