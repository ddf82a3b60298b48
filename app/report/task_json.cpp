#include <nlohmann/json.hpp>

#include "app/report/export.hpp"
#include "app/report/figures.hpp"
#include "app/report/names.hpp"

namespace assay::report {

using nlohmann::ordered_json;

namespace {

template <class T>
ordered_json nullable(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

ordered_json moment(instant t) {
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch());
  return t == instant{} ? ordered_json() : ordered_json(iso_utc(ns.count()));
}

ordered_json span(instant from, instant to) {
  if (from == instant{} || to == instant{}) return {};
  return seconds(to - from);
}

ordered_json json_of(const tool_call&);
ordered_json json_of(const chat_message&);
ordered_json json_of(const attempt&);
ordered_json json_of(const verdict&);

template <class T>
ordered_json array_of(const std::vector<T>& entries) {
  auto array = ordered_json::array();
  for (const auto& entry : entries) array.push_back(json_of(entry));
  return array;
}

ordered_json json_of(const tool_call& call) {
  return {{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}};
}

ordered_json json_of(const chat_message& message) {
  ordered_json out{{"role", std::string(to_string(message.who))}, {"content", message.content}};
  if (!message.calls.empty()) out["calls"] = array_of(message.calls);
  if (!message.answers.empty()) out["answers"] = message.answers;
  if (!message.thinking.empty()) out["thinking"] = message.thinking;
  return out;
}

ordered_json json_of(const chat_request& request) {
  return {{"model", request.model},
          {"messages", array_of(request.messages)},
          {"max_tokens", nullable(request.max_tokens)},
          {"temperature", nullable(request.temperature)},
          {"top_p", nullable(request.top_p)},
          {"seed", nullable(request.seed)},
          {"stop", request.stop},
          {"reasoning", nullable(request.reasoning)},
          {"extra_json", request.extra_json},
          {"stream", request.stream}};
}

ordered_json json_of(const token_usage& usage) {
  return {{"input", nullable(usage.input)},
          {"cached_input", nullable(usage.cached_input)},
          {"cache_write", nullable(usage.cache_write)},
          {"output", nullable(usage.output)},
          {"reasoning", nullable(usage.reasoning)},
          {"billed_usd", nullable(usage.billed_usd)}};
}

ordered_json json_of(const api_error& error) {
  if (error.kind == error_class::none) return {};
  return {{"class", std::string(to_string(error.kind))},
          {"code", error.code},
          {"type", error.type},
          {"message", error.message}};
}

ordered_json json_of(const timeline& at) {
  return {{"intended", moment(at.intended)},
          {"admitted", moment(at.admitted)},
          {"sent", moment(at.sent)},
          {"first_byte", moment(at.first_byte)},
          {"first_event", moment(at.first_event)},
          {"first_reasoning", moment(at.first_reasoning)},
          {"first_content", moment(at.first_content)},
          {"last_content", moment(at.last_content)},
          {"done", moment(at.done)}};
}

ordered_json json_of(const attempt& tried) {
  return {{"number", tried.number},
          {"provider", tried.provider},
          {"http_status", tried.http_status},
          {"request_id", tried.request_id},
          {"error", json_of(tried.error)},
          {"usage", json_of(tried.usage)},
          {"cost_usd", tried.cost.value},
          {"ttft_s", span(tried.at.sent, tried.at.first_content)},
          {"latency_s", span(tried.at.sent, tried.at.done)},
          {"bytes_received", tried.bytes_received},
          {"content_events", tried.content_events},
          {"new_connection", tried.new_connection},
          {"node", tried.from.node},
          {"egress", tried.from.egress},
          {"clock_error_s", std::chrono::duration<double>(tried.from.clock_error).count()},
          {"at", json_of(tried.at)}};
}

ordered_json json_of(const verdict& v) {
  return {{"judge", v.judge},
          {"version", v.judge_version},
          {"score", v.scored ? ordered_json(v.score) : ordered_json()},
          {"extracted", v.extracted},
          {"explanation", v.explanation}};
}

ordered_json json_of(const answer& reply) {
  ordered_json out{{"text", reply.text},
                   {"reasoning", reply.reasoning},
                   {"refusal", reply.refusal},
                   {"finish", std::string(to_string(reply.why))},
                   {"finish_reason", reply.finish_reason},
                   {"response_id", reply.response_id},
                   {"model", reply.model},
                   {"system_fingerprint", reply.system_fingerprint},
                   {"service_tier", reply.service_tier},
                   {"usage", json_of(reply.usage)}};
  if (!reply.calls.empty()) out["calls"] = array_of(reply.calls);
  return out;
}

ordered_json json_of(const sample& item) {
  ordered_json fields = ordered_json::object();
  for (const auto& [name, value] : item.fields) fields[name] = value;
  return {{"id", item.id},           {"input", item.input}, {"targets", item.targets},
          {"choices", item.choices}, {"tags", item.tags},   {"fields", std::move(fields)}};
}

void add_outcome(ordered_json& object, const storage::ledger_row& row) {
  const auto& got = row.what.got;
  object["status"] = nullptr;
  if (!row.has_outcome) return;
  object["status"] = std::string(to_string(got.status));
  object["error"] = json_of(got.error);
  object["answer"] = json_of(got.reply);
  object["provider"] = got.provider;
  object["cost_usd"] = got.cost.value;
  object["attempts"] = array_of(got.attempts);
}

ordered_json json_of(const storage::ledger_row& row, const storage::run_info& run) {
  const auto& asked = row.what.asked;
  ordered_json object = {{"run", run.id},
                         {"experiment", run.experiment},
                         {"key", to_string(asked.key)},
                         {"dataset", asked.where.dataset},
                         {"model", asked.where.model},
                         {"prompt", asked.where.prompt},
                         {"task_type", asked.where.task_type},
                         {"difficulty", asked.where.difficulty},
                         {"mode", asked.where.mode},
                         {"epoch", asked.epoch},
                         {"sample", json_of(asked.item)},
                         {"request", json_of(asked.request)}};
  add_outcome(object, row);
  if (row.has_outcome) object["verdicts"] = array_of(row.verdicts);
  return object;
}

/// A step of an agent, or what a judge asks a model: `judge` is its name.
ordered_json json_of_call(const storage::ledger_row& call, bool of_judge) {
  const auto& asked = call.what.asked;
  ordered_json object = {{"key", to_string(asked.key)}, {"model", asked.where.model}};
  if (of_judge) object["judge"] = asked.where.prompt;
  object["request"] = json_of(asked.request);
  add_outcome(object, call);
  return object;
}

ordered_json json_of_calls(const std::vector<storage::ledger_row>& calls, bool of_judges) {
  auto array = ordered_json::array();
  for (const auto& call : calls) array.push_back(json_of_call(call, of_judges));
  return array;
}

std::string line_of(const ordered_json& object) {
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const storage::ledger_row& row, const storage::run_info& run) {
  return line_of(json_of(row, run));
}

std::string to_json(const storage::ledger_row& row, const storage::run_info& run,
                    const task_calls& calls) {
  auto object = json_of(row, run);
  object["transcript"] = array_of(conversation(row, calls));
  object["steps"] = json_of_calls(calls.steps, false);
  object["questions"] = json_of_calls(calls.questions, true);
  return line_of(object);
}

}  // namespace assay::report
