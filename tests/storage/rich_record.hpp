#pragma once

#include "tests/storage/stores.hpp"

namespace assay::tests {

/// Every member of an outcome set to something of its own.
inline record rich_record() {
  auto made = answered(0, "forty-two");
  auto& got = made.got;
  got.status = outcome_status::refused;
  got.error = {error_class::refusal, "code",           "type", "message",
               milliseconds(250),    dimension::tokens};
  got.provider = "right";
  got.cost = usd{0.125};
  auto& reply = got.reply;
  reply.calls = {{"call_1", "calculator", R"({"expression":"1+1"})"}, {"", "", "not {json"}};
  reply.reasoning = "thought";
  reply.thinking = R"([{"type":"thinking","thinking":"\u00e9","signature":"c2ln"}])";
  reply.refusal = "no";
  reply.why = finish::refusal;
  reply.finish_reason = "refused";
  reply.response_id = "chatcmpl-1";
  reply.model = "small-1-2026";
  reply.system_fingerprint = "fp";
  reply.service_tier = "default";
  reply.usage = {10, 2, 0, 20, 5, 0.001};
  attempt first = make_attempt(0, error_class::rate_limited);
  first.http_status = 429;
  first.error.retry_after = milliseconds(1500);
  first.error.limited = dimension::output_tokens;
  attempt second;
  second.number = 2;
  second.provider = "right";
  second.http_status = 200;
  second.request_id = "req-2";
  second.usage = reply.usage;
  second.cost = usd{0.125};
  second.at = {at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9)};
  second.bytes_received = 1'000'000'000'000;
  second.content_events = 12;
  second.new_connection = true;
  second.from = {"node-1", std::chrono::nanoseconds(-1'500), std::chrono::nanoseconds(200'000)};
  second.limits.resize(2);
  second.limits[0].counts = dimension::requests;
  second.limits[0].limit = 1000;
  second.limits[0].remaining = 0.1;
  second.limits[0].reset = milliseconds(60'000);
  second.limits[0].window = std::chrono::seconds(86'400);
  second.limits[1].counts = dimension::concurrency;
  second.limits[1].limit = std::numeric_limits<double>::infinity();
  second.limits[1].remaining = -1e300;
  got.attempts = {first, second};
  return made;
}

/// Puts some of everything into the run: five tasks, of which two are answered and one failed.
inline void fill_with_everything(store& s) {
  put(*s.db, s.run, 5);
  auto odd = answered(1, std::string("\xff\0 text", 7));
  commit(*s.db, s.run, {rich_record(), odd, failed(2, error_class::timeout)},
         {judged(0, "exact", 0.5), judged(1, "\xff", 1)});
  must(s.db->save_limits(s.run, {"left", "account", {}, 7}));
  must(s.db->announce_batch({.run = s.run, .provider = "left", .tasks = {make_task(3).key}}));
}

}  // namespace assay::tests
