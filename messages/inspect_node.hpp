#pragma once

#include "messages/inspect.hpp"
#include "messages/node.hpp"

/// One `inspect` per value type that a coordinator and its nodes send to each other.
namespace assay {

template <class I>
inspect_result<I> inspect(I& f, node_terms& x) {
  return inspect_object(f, x, "node_terms", x.protocol, x.version, x.name, x.process, x.tags,
                        x.cores, x.max_parallel, x.max_parallel_at, x.dialects, x.programs);
}

template <class I>
inspect_result<I> inspect(I& f, timeouts& x) {
  return inspect_object(f, x, "timeouts", x.connect, x.first_byte, x.idle, x.total);
}

template <class I>
inspect_result<I> inspect(I& f, credential_source& x) {
  return inspect_object(f, x, "credential_source", x.env, x.file);
}

template <class I>
inspect_result<I> inspect(I& f, account_offer& x) {
  return inspect_object(f, x, "account_offer", x.provider, x.dialect, x.base_url, x.api_version,
                        x.credential, x.key, x.headers, x.limits_of_time, x.proxy, x.ca_file);
}

template <class I>
inspect_result<I> inspect(I& f, welcome& x) {
  return inspect_object(f, x, "welcome", x.refused, x.heartbeat, x.missed_heartbeats,
                        x.max_message);
}

template <class I>
inspect_result<I> inspect(I& f, call_seal& x) {
  return inspect_object(f, x, "call_seal", x.bytes);
}

template <class I>
inspect_result<I> inspect(I& f, call_under_way& x) {
  return inspect_object(f, x, "call_under_way", x.run, x.key, x.provider, x.seal, x.over);
}

template <class I>
inspect_result<I> inspect(I& f, abilities& x) {
  return inspect_object(f, x, "abilities", x.accounts, x.unable, x.under_way, x.ready, x.egress);
}

template <class I>
inspect_result<I> inspect(I& f, heartbeat& x) {
  return inspect_object(f, x, "heartbeat", x.number, x.sent, x.under_way, x.draining, x.loop_lag,
                        x.clock_offset, x.clock_error, x.examinations);
}

template <class I>
inspect_result<I> inspect(I& f, heartbeat_echo& x) {
  return inspect_object(f, x, "heartbeat_echo", x.number, x.sent, x.seen);
}

template <class I>
inspect_result<I> inspect(I& f, node_call& x) {
  return inspect_object(f, x, "node_call", x.ticket, x.provider, x.what, x.seal);
}

template <class I>
inspect_result<I> inspect(I& f, node_result& x) {
  return inspect_object(f, x, "node_result", x.ticket, x.result);
}

template <class I>
inspect_result<I> inspect(I& f, node_headers& x) {
  return inspect_object(f, x, "node_headers", x.ticket, x.early);
}

template <class I>
inspect_result<I> inspect(I& f, late_result& x) {
  return inspect_object(f, x, "late_result", x.run, x.key, x.ticket, x.provider, x.result, x.seal);
}

template <class I>
inspect_result<I> inspect(I& f, ended_exchange& x) {
  return inspect_object(f, x, "ended_exchange", x.permit, x.result);
}

template <class I>
inspect_result<I> inspect(I& f, filter_settings& x) {
  return inspect_object(f, x, "filter_settings", x.type, x.pattern, x.replacement, x.select);
}

/// Whether programs run confined is for each machine to say: `unsafe` stays behind.
template <class I>
inspect_result<I> inspect(I& f, sandbox_settings& x) {
  return inspect_object(f, x, "sandbox_settings", x.workers, x.wall, x.cpu, x.memory_mb, x.disk_mb,
                        x.output_kb, x.open_files, x.processes);
}

/// What judges that run programs read; the others stay where they are.
template <class I>
inspect_result<I> inspect(I& f, judge_settings& x) {
  return inspect_object(f, x, "judge_settings", x.name, x.type, x.declared_at, x.filters,
                        x.ignore_case, x.ignore_punctuation, x.ignore_numbers, x.regexes_to_ignore,
                        x.tolerance, x.relative_tolerance, x.k, x.compare, x.programs, x.command);
}

template <class I>
inspect_result<I> inspect(I& f, node_judge& x) {
  return inspect_object(f, x, "node_judge", x.number, x.settings, x.files);
}

template <class I>
inspect_result<I> inspect(I& f, judge_ability& x) {
  return inspect_object(f, x, "judge_ability", x.judge, x.unable);
}

template <class I>
inspect_result<I> inspect(I& f, examination& x) {
  return inspect_object(f, x, "examination", x.ticket, x.judge, x.item, x.reply);
}

template <class I>
inspect_result<I> inspect(I& f, ended_examination& x) {
  return inspect_object(f, x, "ended_examination", x.ticket, x.how, x.what);
}

template <class I>
inspect_result<I> inspect(I& f, node_offer& x) {
  return inspect_object(f, x, "node_offer", x.node, x.most, x.latency, x.of_before, x.came_back,
                        x.egress);
}

template <class I>
inspect_result<I> inspect(I& f, node_status& x) {
  return inspect_object(f, x, "node_status", x.name, x.state, x.tags, x.accounts, x.unable,
                        x.under_way, x.examinations, x.programs, x.losses, x.refused, x.loop_lag,
                        x.clock_offset, x.clock_error);
}

template <class I>
inspect_result<I> inspect(I& f, workshop_status& x) {
  return inspect_object(f, x, "workshop_status", x.connected, x.draining, x.under_way,
                        x.examinations, x.unconfirmed);
}

}  // namespace assay
