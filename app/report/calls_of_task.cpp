#include "app/report/calls_of_task.hpp"

namespace assay::report {

expected<task_calls> calls_of(storage::ledger& ledger, const task& asked) {
  task_calls calls;
  auto read = ledger.steps_of(asked.key, [&](storage::ledger_row call) {
    bool own = call.what.asked.where.mode == asked.where.mode;
    (own ? calls.steps : calls.questions).push_back(std::move(call));
  });
  if (!read) return tl::make_unexpected(read.error());
  return calls;
}

const std::vector<chat_message>& conversation(const storage::ledger_row& row,
                                              const task_calls& calls) {
  const auto* longest = &row.what.asked.request.messages;
  for (const auto& step : calls.steps) {
    const auto& request = step.what.asked.request;
    if (request.to == endpoint::chat && request.messages.size() > longest->size())
      longest = &request.messages;
  }
  return *longest;
}

}  // namespace assay::report
