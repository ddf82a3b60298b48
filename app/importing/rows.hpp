#pragma once

#include "app/importing/draft.hpp"
#include "app/importing/importing.hpp"
#include "app/importing/json_lines.hpp"

/// Files whose rows hold prompts that are ready to be sent.
namespace assay::importing {

/// A sample file of lm-evaluation-harness (`--log_samples`): its prompts, targets and generation
/// options; the judges are those that agree best with the scores recorded there.
expected<draft> read_lm_eval(const std::vector<json_line>&, const request&);

/// Rows of OpenAI-evals: `{"input": [messages], "ideal": ...}`, judged as `Match` and `Includes`
/// do.
expected<draft> read_openai_evals(const std::vector<json_line>&, const request&);

/// The judge that agrees best with recorded scores, of those that lm-evaluation-harness's metrics
/// may stand for.
struct recorded_answer {
  std::string text;
  std::vector<std::string> targets;
  double score = 0;
};
struct chosen_judge {
  toml_table declared;
  std::size_t agrees = 0;  ///< with so many of the recorded scores
};
chosen_judge choose_judge(const std::string& task, const std::string& filter,
                          const std::string& metric, const std::vector<recorded_answer>&);

/// `file:line`, or the file alone.
std::string at_line(const request&, const json_line&);

}  // namespace assay::importing
