#include "providers/simulated/parts.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "providers/simulated/wording.hpp"

namespace assay::simulated {

namespace {

struct row {
  std::string_view name;
  part plays;
};

constexpr std::array table{
    row{"agent", play_agent},
    row{"answers", play_answers},
    row{"extractor", play_extractor},
    row{"hostile_judge", play_hostile_judge},
    row{"judge", play_judge},
    row{"lazy_judge", play_lazy_judge},
    row{"verbose_judge", play_verbose_judge},
};

}  // namespace

part find_part(std::string_view name) {
  const auto* found =
      std::find_if(table.begin(), table.end(), [&](const row& r) { return r.name == name; });
  return found == table.end() ? nullptr : found->plays;
}

std::vector<std::string_view> part_names() {
  std::vector<std::string_view> names;
  for (const auto& r : table) names.push_back(r.name);
  return names;
}

std::string padded(const cue& c, std::string_view text) {
  constexpr double most_tokens = 1e6;
  static const std::vector<std::string> no_targets;
  auto tokens = std::llround(std::clamp(
      c.chance.log_normal(c.model.output_tokens, purpose::output_length), 1.0, most_tokens));
  if (c.asked.max_tokens) tokens = std::min<long long>(tokens, *c.asked.max_tokens);
  return lengthen(text, tokens, c.chance.bits(purpose::filler),
                  c.about ? c.about->targets : no_targets);
}

}  // namespace assay::simulated
