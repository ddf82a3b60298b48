#pragma once

#include <string>
#include <vector>

#include "evaluation/procedure.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"

/// The mode `agent` (docs/agents.md): a model that may use tools is asked, its calls are carried
/// out, and it is asked again with their results, until it answers without a call or a limit is
/// reached. Such a sample is answered all the same: by what the model said last, perhaps nothing,
/// and with the name of the limit as its finish reason.
namespace assay::evaluation {

/// What the models of an experiment are offered. Nothing is run, and no sandbox is needed.
checked<std::vector<tool_declaration>> agent_tools(const settings&, const experiment_settings&);

/// What decides how an agent ends beside the declarations and the sample: its limits, the commands
/// of its tools with the files that they bring. For a hash.
checked<std::vector<std::string>> agent_terms(const settings&, const experiment_settings&);

/// Makes the agents of an experiment. `blocks` as many as the sandbox has workers. Problems: a
/// folder, command or schema that is none, or no sandbox where a tool needs one.
checked<procedure_maker_ptr> make_agent(const settings&, const experiment_settings&);

}  // namespace assay::evaluation
