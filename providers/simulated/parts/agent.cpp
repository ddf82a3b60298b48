#include <optional>

#include "providers/simulated/parts.hpp"
#include "providers/simulated/tool_script.hpp"
#include "providers/simulated/wording.hpp"

namespace assay::simulated {

namespace {

/// A call that is no use as it stands: cut off, to a tool that is not there, or with an argument
/// that no schema has.
tool_call malformed(tool_call use, std::uint64_t bits) {
  switch (bits % 3) {
    case 0:
      use.arguments = use.arguments.substr(0, use.arguments.size() / 2);
      return use;
    case 1:
      use.name += "_tool";
      return use;
    default:
      use.arguments = R"({"no_such_argument":true})";
      return use;
  }
}

said last_words(const cue& c, bool right) {
  if (!c.about) return {.text = "I am done."};
  auto known = right_answer(*c.about);
  if (right && !known.empty()) return {.text = std::move(known), .right = true};
  return {.text = wrong_answer(*c.about, c.chance.bits(purpose::wrong_answer, c.draw))};
}

}  // namespace

said play_agent(const cue& c) {
  const auto script = c.about ? script_of(*c.about, c.asked.tools) : tool_script{};
  const auto now = place_in(script, c.asked.messages);
  const bool right = c.chance.uniform(purpose::right_or_wrong, c.draw) < c.model.accuracy;
  if (now.step == script.size()) return last_words(c, right);
  auto step = with_results(script[now.step], now.results);
  if (step.calls.empty())
    return right ? said{.text = std::move(step.text), .right = true} : last_words(c, false);
  if (!right) step.calls[0] = malformed(step.calls[0], c.chance.bits(purpose::part, c.draw));
  return {.text = std::move(step.text), .calls = std::move(step.calls)};
}

}  // namespace assay::simulated
