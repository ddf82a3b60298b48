#pragma once

#include <map>
#include <string>
#include <vector>

#include "evaluation/plan.hpp"
#include "evaluation/procedure.hpp"
#include "messages/settings.hpp"
#include "storage/history.hpp"

/// Model calls that follow from samples: steps of agents and extractions, questions of judges. A
/// forecast knows their sizes only.
namespace assay::planning {

/// One of them.
struct sized_call {
  std::string model;                ///< as declared; empty: the one that answers the sample
  std::int64_t input_tokens = 0;    ///< of its own
  bool with_sample = false;         ///< and those of the sample's request
  bool with_talk = false;           ///< and what was said before, or the answer that is judged
  std::optional<int> max_tokens{};  ///< if not the model's
};

/// What one sample or verdict takes: the calls of a round are made at the same time, after all of
/// the round before. None: it takes no call.
using procedure_shape = std::vector<std::vector<sized_call>>;

/// What all samples, or all verdicts of a judge, take. Of the shapes one is drawn for each.
struct procedure_sizes {
  std::string purpose;  ///< the mode, or the judge
  bool judges = false;
  std::vector<procedure_shape> shapes;
};

struct known_follow_ups {
  std::vector<procedure_sizes> all;
  std::vector<std::string> notes;  ///< what was assumed, in words
};

/// Judges and extractions are asked what they would ask about a few of the missing samples. Agents
/// take as many steps as samples of this experiment's datasets and models took before, if there
/// were at least 5, else 1 to 5.
known_follow_ups find_follow_ups(const settings&, const experiment_settings&,
                                 const evaluation::plan&, const std::vector<std::size_t>& missing,
                                 const std::vector<storage::past_sample>& before);

/// The shape that is drawn for a task.
const procedure_shape& shape_of(const procedure_sizes&, const task_key&, std::uint64_t seed);

/// Tells equal calls, so that they get equal answers in every simulation of a seed.
std::uint64_t content_of(const task_key&, const std::string& purpose, const std::string& label);

/// `round 2 call 1`.
std::string label_of(std::size_t round, std::size_t call);

/// Makes procedures of these sizes.
evaluation::procedure_maker_ptr make_sized(const procedure_sizes&, std::uint64_t seed);

}  // namespace assay::planning
