#include <doctest/doctest.h>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <cmath>
#include <limits>

#include "messages/protocols.hpp"

using namespace assay;
using namespace std::chrono_literals;

namespace {

/// Serialises as CAF does between two nodes.
struct wire {
  wire() {
    register_messages(config);
    configure(config, true, 1);
    system.emplace(config);
  }

  template <class T>
  T roundtrip(const T& x) {
    std::vector<char> bytes;
    caf::binary_serializer out{*system, bytes};
    REQUIRE_FALSE(out(x));
    T back;
    caf::binary_deserializer in{*system, bytes};
    REQUIRE_FALSE(in(back));
    return back;
  }

  /// In hexadecimal.
  template <class T>
  std::string bytes_of(const T& x) {
    std::vector<char> bytes;
    caf::binary_serializer out{*system, bytes};
    REQUIRE_FALSE(out(x));
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned char c : bytes) (text += digits[c >> 4]) += digits[c & 15];
    return text;
  }

  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
};

token_usage some_usage() {
  return {.input = 10, .cached_input = 4, .output = 20, .reasoning = 0, .billed_usd = 0.25};
}

attempt some_attempt() {
  attempt a;
  a.number = 3;
  a.provider = "openai";
  a.http_status = 429;
  a.request_id = "req_1";
  a.error = {error_class::rate_limited, "code",           "type", "text",
             milliseconds{1'234},       dimension::tokens};
  a.usage = some_usage();
  a.cost = {0.5};
  a.at.intended = instant{duration{1}};
  a.at.done = instant{duration{99}};
  a.bytes_received = 77;
  a.content_events = 5;
  a.new_connection = true;
  a.connecting = {1ms, 2ms, 3ms};
  a.round_trip = 4ms;
  a.items = 4;
  a.hedge = a.batched = true;
  a.limits = {{dimension::tokens, 100, 99.5, milliseconds{10}}, {dimension::requests, 1, 0, {}}};
  return a;
}

task some_task() {
  task t;
  t.key = hash_parts({"a", "b"});
  t.epoch = 2;
  t.where = {"d", "m", "p", "t", "easy", "direct_answer"};
  t.item = {"id", "input", {"x", "y"}, {"one", "two"}, "t", "easy", {"tag"}, {{"f", "v"}}};
  t.request.model = "gpt";
  t.request.messages = {{role::system, "s"}, {role::user, "u"}};
  t.request.temperature = 0.7;
  t.request.seed = -1;
  t.request.reasoning = false;
  t.providers = {"a", "b"};
  t.input_tokens = 12;
  t.position = 7;
  return t;
}

outcome some_outcome() {
  outcome o;
  o.key = hash_parts({"a"});
  o.status = outcome_status::refused;
  o.reply.text = std::string("nul\0 and \xff", 10);
  o.reply.why = finish::length;
  o.reply.usage = some_usage();
  o.provider = "p";
  o.attempts = {some_attempt(), attempt{}};
  o.cost = {1.5};
  o.cached = true;
  o.original = hash_parts({"b"});
  return o;
}

}  // namespace

TEST_CASE_FIXTURE(wire, "every message type survives the wire unchanged") {
  CHECK(roundtrip(some_attempt()) == some_attempt());
  CHECK(roundtrip(some_task()) == some_task());
  CHECK(roundtrip(some_outcome()) == some_outcome());
  CHECK(roundtrip(record{some_task(), some_outcome()}) == record{some_task(), some_outcome()});
  verdict v{hash_parts({"k"}), "judge", "v1", true, 0.5, "42", "why"};
  CHECK(roundtrip(v) == v);
  assignment a{9, some_task().request, instant{duration{5}}, instant{duration{6}}};
  CHECK(roundtrip(a) == a);
  credit ask{"p", 3, 8, true, 0.5};
  CHECK(roundtrip(ask) == ask);
  commit_note note{{{7, 1, outcome_status::error, true, 0.5, 12, {0.25}, "p"}}, {{7, 2}}};
  CHECK(roundtrip(note) == note);
  handed_task handed{some_task(), {some_attempt()},
                     true,        true,
                     true,        exchange_result{some_attempt(), some_outcome().reply}};
  CHECK(roundtrip(handed) == handed);
  returned_task returned{7, 1, {some_attempt()}};
  CHECK(roundtrip(returned) == returned);
  provider_terms terms{"p", 2.5, 0.5};
  CHECK(roundtrip(terms) == terms);
  closure closed{"p", "m", intake::held, "why"};
  CHECK(roundtrip(closed) == closed);
  known_rate rate{.model = "m", .rate = 2.5, .key = "rpm"};
  rate.window = std::chrono::seconds(60);
  known_limits limits{{rate, {}}, {{"m", 4, knowledge::learned}}};
  CHECK(roundtrip(limits) == limits);
  early_headers early{some_attempt().limits, instant{duration{5}}};
  CHECK(roundtrip(early) == early);
  provider_batch batch{3, 7, "p", "batch_1", batch_state::lost, 5, 6, {hash_parts({"a"})}};
  CHECK(roundtrip(batch) == batch);
  exchange_result r{some_attempt(), some_outcome().reply};
  CHECK(roundtrip(r) == r);
}

TEST_CASE_FIXTURE(wire, "terms and welcome keep their form: other versions are refused by them") {
  node_terms terms{1, "0.1", "n1", 77, {"gpu"}, 4, 64, {{"openai", 8}}, {"openai"}, 2};
  CHECK(bytes_of(terms) ==
        "0000000103302e31026e31000000000000004d0103677075000000040000004001066f70656e61690000000801"
        "066f70656e616900000002");
  welcome answer{"no", milliseconds(1'000), 3, 1 << 20};
  CHECK(bytes_of(answer) == "026e6f00000000000003e80000000300100000");
}

TEST_CASE_FIXTURE(wire, "what coordinator and node tell each other survives the wire unchanged") {
  node_terms terms{1, "0.1", "n1", 77, {"region=eu"}, 4, 64, {{"openai", 8}}, {"openai"}, 2};
  CHECK(roundtrip(terms) == terms);
  abilities can{{"openai"},
                {{"groq", "no key"}},
                {{5, hash_parts({"k"}), "openai", {{1, 2}}, instant{duration{8}}}}};
  CHECK(roundtrip(can) == can);
  heartbeat beat{7, instant{duration{5}}, 3, true, duration{9}, duration{-4}, duration{2}};
  CHECK(roundtrip(beat) == beat);
  heartbeat_echo echo{7, instant{duration{5}}, instant{duration{6}}};
  CHECK(roundtrip(echo) == echo);
  assignment a{9,
               some_task().request,
               instant{duration{5}},
               instant{duration{6}},
               true,
               true,
               7,
               hash_parts({"k"}),
               true};
  node_call call{3, "openai", a};
  CHECK(roundtrip(call) == call);
  exchange_result r{some_attempt(), some_outcome().reply};
  node_result result{3, r};
  CHECK(roundtrip(result) == result);
  node_headers headers{3, {some_attempt().limits, instant{duration{5}}}};
  CHECK(roundtrip(headers) == headers);
  late_result late{7, hash_parts({"k"}), 3, "openai", r, true};
  CHECK(roundtrip(late) == late);
  auto offer = roundtrip(account_offer{"openai",
                                       "openai",
                                       "https://x/v1",
                                       "v",
                                       {"KEY", "file"},
                                       "secret",
                                       {{"a", "b"}},
                                       {},
                                       "proxy",
                                       "ca"});
  CHECK(offer.headers == std::vector<std::pair<std::string, std::string>>{{"a", "b"}});
  CHECK(offer.credential.file == "file");
  CHECK(offer.limits_of_time.total == timeouts{}.total);
  CHECK(offer.ca_file == "ca");
}

TEST_CASE_FIXTURE(
    wire, "what nodes examine survives the wire unchanged, but not whether they confine it") {
  examination e{1, 2, some_task().item, some_outcome().reply};
  CHECK(roundtrip(e) == e);
  verdict v;
  v.scored = true;
  v.score = 0.25;
  v.extracted = "4";
  v.explanation = "why";
  ended_examination end{3, examination_end::too_large, v};
  CHECK(roundtrip(end) == end);
  judge_ability can{4, "no python3"};
  CHECK(roundtrip(can) == can);

  judge_settings s;
  s.name = "j";
  s.type = "command";
  s.filters = {{"regex", "a(b)", "c", -1}};
  s.ignore_case = true;
  s.regexes_to_ignore = {"x"};
  s.tolerance = 0.5;
  s.k = 3;
  s.compare = "exact";
  s.command = {"python3", "./judge.py"};
  s.programs = {.workers = 3, .wall = milliseconds{7}, .memory_mb = 100, .unsafe = true};
  auto back = roundtrip(node_judge{5, s, {{"./judge.py", "pass"}}});
  CHECK(back.number == 5);
  CHECK(back.files == std::vector<std::pair<std::string, std::string>>{{"./judge.py", "pass"}});
  CHECK(back.settings.filters.at(0).select == -1);
  CHECK(back.settings.filters.at(0).pattern == "a(b)");
  CHECK(back.settings.ignore_case);
  CHECK(back.settings.regexes_to_ignore == s.regexes_to_ignore);
  CHECK(back.settings.tolerance == 0.5);
  CHECK(back.settings.k == 3);
  CHECK(back.settings.compare == "exact");
  CHECK(back.settings.command == s.command);
  CHECK_FALSE(back.settings.programs.unsafe);
  s.programs.unsafe = false;
  CHECK(back.settings.programs == s.programs);
}

TEST_CASE_FIXTURE(wire, "doubles that CAF 0.17 would hang on or lose arrive bit by bit") {
  for (double x :
       {std::numeric_limits<double>::infinity(), -0.0, -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::denorm_min()}) {
    auto back = roundtrip(usd{x}).value;
    CHECK(back == x);
    CHECK(std::signbit(back) == std::signbit(x));
  }
  CHECK(std::isnan(roundtrip(usd{std::nan("")}).value));
}

TEST_CASE_FIXTURE(wire, "an absent optional stays absent and a present zero stays present") {
  token_usage usage;
  usage.output = 0;
  auto back = roundtrip(usage);
  CHECK_FALSE(back.input.has_value());
  REQUIRE(back.output.has_value());
  CHECK(*back.output == 0);
}
