#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/sample.hpp"
#include "messages/settings.hpp"
#include "providers/simulated/answer_book.hpp"
#include "providers/simulated/draws.hpp"
#include "providers/simulated/wire.hpp"

/// What mock models play (`plays` in their settings): each part says something else to a call. One
/// file a part in parts/, one row each in the table of parts.cpp, one name each in
/// `known::mock_parts`.
namespace assay::simulated {

/// All that a part may go by. Whoever is given the same cue says the same.
struct cue {
  const call& asked;        ///< the whole conversation and the tools that are offered
  const sample* about;      ///< that the conversation asks about; null: none that is known
  const mock_model& model;  ///< as declared
  const draws& chance;      ///< of (seed, model, conversation)
  std::uint64_t draw = 0;   ///< which of several draws for the same conversation: 0 unless the
                            ///< model resamples
  const answer_book& book;  ///< all samples
  std::uint64_t seed = 0;   ///< of the mock, for draws about another conversation
};

/// What the model says.
struct said {
  std::string text{};
  std::vector<tool_call> calls{};  ///< without ids: those are the wire's
  bool right = false;              ///< for the truth log: this is the right answer
};

using part = said (*)(const cue&);

/// The part called `name`, or null.
part find_part(std::string_view name);

/// All names, sorted.
std::vector<std::string_view> part_names();

/// `text` with filler words in front, as many as the model's `output_tokens` draw and the cap of
/// the call allow.
std::string padded(const cue&, std::string_view text);

// The parts.

/// Says the script of the sample step by step (tool_script.hpp), then its right answer. A fraction
/// `accuracy` of all steps is said so; else the first call is malformed, the last words are wrong.
said play_agent(const cue&);

/// Answers the sample rightly for the fraction `accuracy`, or the items of a prompt that asks for
/// several numbered answers; adds `a + b`; else echoes.
said play_answers(const cue&);

/// Grades a submission, with the fraction `accuracy` of its grades right.
said play_judge(const cue&);

/// The same, but mostly says nothing, or nothing of use.
said play_lazy_judge(const cue&);

/// The same, at length, with other grades named on the way.
said play_verbose_judge(const cue&);

/// Grades wrongly, or breaks the form.
said play_hostile_judge(const cue&);

/// Fills the form that a prompt asks for from the passages it shows; for the fraction 1 -
/// `accuracy` of the fields with a flaw: left out, of the wrong type, or without a source. Any
/// other prompt is answered as by `answers`.
said play_extractor(const cue&);

}  // namespace assay::simulated
