#pragma once

#include "messages/batch.hpp"
#include "messages/caf.hpp"
#include "messages/status.hpp"
#include "messages/task.hpp"
#include "messages/work.hpp"

/// One `inspect` per value type that actors send to each other.
namespace assay {

template <class I>
inspect_result<I> inspect(I& f, task_key& x) {
  return inspect_object(f, x, "task_key", x.bytes);
}

template <class I>
inspect_result<I> inspect(I& f, usd& x) {
  return inspect_object(f, x, "usd", x.value);
}

template <class I>
inspect_result<I> inspect(I& f, tool_call& x) {
  return inspect_object(f, x, "tool_call", x.id, x.name, x.arguments);
}

template <class I>
inspect_result<I> inspect(I& f, tool_declaration& x) {
  return inspect_object(f, x, "tool_declaration", x.name, x.description, x.parameters);
}

template <class I>
inspect_result<I> inspect(I& f, chat_message& x) {
  return inspect_object(f, x, "chat_message", x.who, x.content, x.calls, x.answers, x.thinking);
}

template <class I>
inspect_result<I> inspect(I& f, chat_request& x) {
  return inspect_object(f, x, "chat_request", x.model, x.messages, x.tools, x.to, x.max_tokens,
                        x.temperature, x.top_p, x.seed, x.stop, x.reasoning, x.extra_json,
                        x.stream);
}

template <class I>
inspect_result<I> inspect(I& f, token_usage& x) {
  return inspect_object(f, x, "token_usage", x.input, x.cached_input, x.cache_write, x.output,
                        x.reasoning, x.billed_usd);
}

template <class I>
inspect_result<I> inspect(I& f, answer& x) {
  return inspect_object(f, x, "answer", x.text, x.calls, x.reasoning, x.thinking, x.refusal, x.why,
                        x.finish_reason, x.response_id, x.model, x.system_fingerprint,
                        x.service_tier, x.usage);
}

template <class I>
inspect_result<I> inspect(I& f, timeline& x) {
  return inspect_object(f, x, "timeline", x.intended, x.admitted, x.sent, x.first_byte,
                        x.first_event, x.first_reasoning, x.first_content, x.last_content, x.done);
}

template <class I>
inspect_result<I> inspect(I& f, rate_header& x) {
  return inspect_object(f, x, "rate_header", x.counts, x.limit, x.remaining, x.reset, x.window);
}

template <class I>
inspect_result<I> inspect(I& f, api_error& x) {
  return inspect_object(f, x, "api_error", x.kind, x.code, x.type, x.message, x.retry_after,
                        x.limited);
}

template <class I>
inspect_result<I> inspect(I& f, origin& x) {
  return inspect_object(f, x, "origin", x.node, x.clock_offset, x.clock_error, x.egress);
}

template <class I>
inspect_result<I> inspect(I& f, connection_time& x) {
  return inspect_object(f, x, "connection_time", x.name, x.tcp, x.tls);
}

template <class I>
inspect_result<I> inspect(I& f, attempt& x) {
  return inspect_object(f, x, "attempt", x.number, x.provider, x.http_status, x.request_id, x.error,
                        x.usage, x.cost, x.at, x.bytes_received, x.content_events, x.new_connection,
                        x.connecting, x.round_trip, x.limits, x.items, x.hedge, x.batched, x.from);
}

template <class I>
inspect_result<I> inspect(I& f, early_headers& x) {
  return inspect_object(f, x, "early_headers", x.limits, x.sent);
}

template <class I>
inspect_result<I> inspect(I& f, exchange_result& x) {
  return inspect_object(f, x, "exchange_result", x.tried, x.reply);
}

template <class I>
inspect_result<I> inspect(I& f, sample& x) {
  return inspect_object(f, x, "sample", x.id, x.input, x.targets, x.choices, x.task_type,
                        x.difficulty, x.tags, x.fields);
}

template <class I>
inspect_result<I> inspect(I& f, cell& x) {
  return inspect_object(f, x, "cell", x.dataset, x.model, x.prompt, x.task_type, x.difficulty,
                        x.mode);
}

template <class I>
inspect_result<I> inspect(I& f, task& x) {
  return inspect_object(f, x, "task", x.key, x.epoch, x.where, x.item, x.request, x.providers,
                        x.input_tokens, x.position, x.run, x.parent);
}

template <class I>
inspect_result<I> inspect(I& f, outcome& x) {
  return inspect_object(f, x, "outcome", x.key, x.status, x.error, x.reply, x.provider, x.attempts,
                        x.cost, x.cached, x.original);
}

template <class I>
inspect_result<I> inspect(I& f, record& x) {
  return inspect_object(f, x, "record", x.asked, x.got);
}

template <class I>
inspect_result<I> inspect(I& f, verdict& x) {
  return inspect_object(f, x, "verdict", x.key, x.judge, x.judge_version, x.scored, x.score,
                        x.extracted, x.explanation);
}

template <class I>
inspect_result<I> inspect(I& f, provider_batch& x) {
  return inspect_object(f, x, "provider_batch", x.id, x.run, x.provider, x.batch_id, x.state,
                        x.announced_unix_ns, x.changed_unix_ns, x.tasks);
}

template <class I>
inspect_result<I> inspect(I& f, assignment& x) {
  return inspect_object(f, x, "assignment", x.permit, x.request, x.intended, x.admitted,
                        x.wants_headers, x.may_be_called_off, x.run, x.key, x.new_connection);
}

template <class I>
inspect_result<I> inspect(I& f, handed_task& x) {
  return inspect_object(f, x, "handed_task", x.what, x.earlier, x.elsewhere, x.give_up, x.unasked,
                        x.arrived);
}

template <class I>
inspect_result<I> inspect(I& f, task_class& x) {
  return inspect_object(f, x, "task_class", x.model, x.providers, x.fallback, x.route,
                        x.expected_s);
}

template <class I>
inspect_result<I> inspect(I& f, follow_up& x) {
  return inspect_object(f, x, "follow_up", x.what, x.kind);
}

template <class I>
inspect_result<I> inspect(I& f, returned_task& x) {
  return inspect_object(f, x, "returned_task", x.run, x.position, x.attempts);
}

template <class I>
inspect_result<I> inspect(I& f, provider_terms& x) {
  return inspect_object(f, x, "provider_terms", x.name, x.weight, x.price_factor, x.whole_samples);
}

template <class I>
inspect_result<I> inspect(I& f, closure& x) {
  return inspect_object(f, x, "closure", x.provider, x.model, x.state, x.reason);
}

template <class I>
inspect_result<I> inspect(I& f, credit& x) {
  return inspect_object(f, x, "credit", x.provider, x.wanted, x.asked, x.shortest, x.health);
}

template <class I>
inspect_result<I> inspect(I& f, committed_task& x) {
  return inspect_object(f, x, "committed_task", x.run, x.position, x.status, x.cached, x.service_s,
                        x.tokens, x.cost, x.provider);
}

template <class I>
inspect_result<I> inspect(I& f, commit_note& x) {
  return inspect_object(f, x, "commit_note", x.tasks, x.verdicts);
}

template <class I>
inspect_result<I> inspect(I& f, known_rate& x) {
  return inspect_object(f, x, "known_rate", x.model, x.counts, x.shape, x.rate, x.low, x.high,
                        x.burst, x.window, x.left, x.source, x.key, x.address);
}

template <class I>
inspect_result<I> inspect(I& f, known_places& x) {
  return inspect_object(f, x, "known_places", x.model, x.most, x.source, x.address);
}

template <class I>
inspect_result<I> inspect(I& f, known_limits& x) {
  return inspect_object(f, x, "known_limits", x.rates, x.places);
}

template <class I>
inspect_result<I> inspect(I& f, provider_status& x) {
  return inspect_object(f, x, "provider_status", x.name, x.in_flight, x.ready, x.retrying,
                        x.waiting_on, x.suspended, x.health, x.limits);
}

template <class I>
inspect_result<I> inspect(I& f, run_progress& x) {
  return inspect_object(f, x, "run_progress", x.planned, x.pending, x.in_hand, x.committed,
                        x.spared, x.follow_ups, x.verdicts_due, x.lost_credits, x.finished,
                        x.stopped_by);
}

template <class I>
inspect_result<I> inspect(I& f, provider_counts& x) {
  return inspect_object(f, x, "provider_counts", x.done, x.errors, x.attempts, x.rate_limited,
                        x.retries, x.cost);
}

template <class I>
inspect_result<I> inspect(I& f, progress_snapshot& x) {
  return inspect_object(f, x, "progress_snapshot", x.run, x.providers, x.counts);
}

}  // namespace assay
