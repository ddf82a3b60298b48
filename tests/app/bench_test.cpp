#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/bench/findings.hpp"
#include "app/bench/gathering.hpp"
#include "app/bench/subject.hpp"
#include "app/report/text.hpp"
#include "config/load.hpp"

using namespace assay;
using namespace assay::bench;
using namespace std::chrono_literals;
using doctest::Approx;

namespace {

using names = std::vector<std::string>;

constexpr instant start{1h};

/// One exchange that a place began 2 ms late; its connection took 30 ms if it is new.
round_request request(std::uint32_t round, const std::string& place, milliseconds way,
                      milliseconds provider, bool is_new = false) {
  round_request q{round, place, {}};
  auto& tried = q.tried;
  tried.at.intended = tried.at.admitted = start + round * 1s;
  tried.at.sent = tried.at.admitted + 2ms;
  if (is_new) {
    tried.new_connection = true;
    tried.connecting = {5ms, 10ms, 15ms};
    tried.at.sent += 30ms;
  }
  tried.at.first_byte = tried.at.first_content = tried.at.sent + way + provider;
  tried.at.done = tried.at.first_content + 100ms;
  tried.round_trip = way;
  if (place != place_here) tried.from = {place, 1s, 5ms};
  tried.http_status = 200;
  tried.usage.input = 7;
  return q;
}

/// Ten rounds from here and from n1, 50 ms away; the provider is slow in the fourth.
bench::record ten_rounds() {
  bench::record r{.provider = "p"};
  r.plan.model = "m";
  r.plan.rounds = 10;
  r.plan.interval = 1s;
  for (std::uint32_t round = 1; round <= 10; ++round) {
    auto provider = round == 4 ? 900ms : 300ms;
    r.requests.push_back(request(round, "n1", 50ms, provider, round == 1));
    r.requests.push_back(request(round, place_here, 1ms, provider, round == 1));
  }
  r.end.begun = 10;
  r.end.ended = 20;
  r.bad_lag = 100ms;
  return r;
}

bool notes(const findings& found, const std::string& what) {
  return std::any_of(found.notes.begin(), found.notes.end(),
                     [&](const std::string& n) { return n.find(what) != n.npos; });
}

node_status status(const std::string& name, const std::string& state = "up") {
  node_status s;
  s.name = name;
  s.state = state;
  return s;
}

expected<settings> narrowed(const subject_wishes& wanted) {
  auto all = config::parse(R"(
[providers.p]
base_url = "https://p.test/v1"
[providers.q]
base_url = "https://q.test/v1"
[providers.other]
base_url = "https://o.test/v1"
[models.m]
providers = ["p", "q"]
max_tokens = 12
)",
                           "bench.toml", [](const std::string&) { return std::nullopt; });
  REQUIRE(all);
  return narrow(*all, wanted);
}

}  // namespace

TEST_CASE("places, provider and client are taken apart, connecting left out") {
  auto found = find_out(ten_rounds());
  REQUIRE(found.places.size() == 2);
  CHECK(found.places[0].name == place_here);
  CHECK(*found.places[1].first_token_ms == Approx(350));
  CHECK(*found.places[1].client_ms == Approx(2));
  CHECK(*found.places[1].connecting_ms == Approx(30));
  CHECK(found.places[1].new_connections == 1);
  const auto& first = found.figures[0];
  CHECK(first.parts.places[1].further == Approx(49));
  CHECK(*first.parts.places[1].by_network == Approx(49));
  CHECK(*first.parts.provider[0] == Approx(300));
  CHECK(*first.parts.provider[3] == Approx(900));
  CHECK(first.provider[0].value == Approx(300));
  CHECK(*found.figures[1].parts.provider[0] == Approx(400));
  CHECK(found.late_rounds == 0);
}

TEST_CASE("every error is counted by place and class, and an answer is not an error") {
  auto r = ten_rounds();
  r.requests[0].tried.error = {.kind = error_class::timeout, .message = "no answer"};
  r.requests[2].tried.error = {.kind = error_class::rate_limited, .message = "slow down"};
  r.requests[4].tried.error = {.kind = error_class::refusal, .message = "no"};
  auto found = find_out(r);
  CHECK(found.places[0].errors.empty());
  CHECK(found.places[1].errors == std::map<error_class, std::size_t>{
                                      {error_class::timeout, 1}, {error_class::rate_limited, 1}});
  CHECK(found.places[1].answers == 8);
  CHECK(found.figures[0].parts.places[1].values == 8);
  auto text = report::to_text(describe(r, found));
  CHECK(text.find("slow down") != text.npos);
}

TEST_CASE("what is known worse than bad_lag is left out, and that is said") {
  auto r = ten_rounds();
  for (auto& q : r.requests)
    if (q.place == "n1" && q.round < 5) q.tried.from.clock_error = 101ms;
  auto found = find_out(r);
  CHECK(found.places[1].left_out == 4);
  CHECK(found.places[1].answers == 10);
  CHECK(found.figures[0].parts.places[1].values == 6);
  CHECK(notes(found, "left out of the comparison: 4 of 10 answers of n1"));
}

TEST_CASE("what cannot be told is said: one place, few rounds, nothing") {
  auto r = ten_rounds();
  std::erase_if(r.requests, [](const auto& q) { return q.place == "n1"; });
  CHECK(notes(find_out(r), "one place alone"));
  r = ten_rounds();
  std::erase_if(r.requests, [](const auto& q) { return q.round > 3; });
  r.end.begun = 3;
  CHECK(notes(find_out(r), "3 rounds are too few for intervals; 6 would do"));
  r.requests.clear();
  CHECK(notes(find_out(r), "no answer was measured"));
  CHECK(report::to_text(describe(r, find_out(r))).find("m at p") == 0);
}

TEST_CASE(
    "rounds that began late, places that missed some and places that did not come are named") {
  auto r = ten_rounds();
  std::erase_if(r.requests, [](const auto& q) { return q.place == "n1" && q.round == 7; });
  for (auto& q : r.requests)
    if (q.round >= 6)
      for (auto* t :
           {&q.tried.at.admitted, &q.tried.at.sent, &q.tried.at.first_content, &q.tried.at.done})
        *t += 2s;
  r.absent = {"n9 has not joined"};
  auto found = find_out(r);
  CHECK(found.late_rounds == 1);
  CHECK(notes(found, "n1 was asked in 9 of 10 rounds"));
  CHECK(notes(found, "not taking part: n9 has not joined"));
}

TEST_CASE("the text fits into 80 columns") {
  auto r = ten_rounds();
  r.plan.model = std::string(100, 'm');
  auto text = report::to_text(describe(r, find_out(r)));
  for (std::size_t i = 0, end; i < text.size(); i = end + 1) {
    end = text.find('\n', i);
    CHECK(end - i <= 80);
  }
}

TEST_CASE("the JSON holds every request and what was found") {
  auto r = ten_rounds();
  r.requests[5].tried.error = {.kind = error_class::node_lost, .message = "gone"};
  r.requests[5].tried.at.sent = {};
  auto made = to_json(r, find_out(r));
  CHECK(made["requests"].size() == 20);
  CHECK(made["requests"][0]["connecting_ms"]["tcp"] == 10);
  CHECK(made["requests"][0]["client_ms"] == 2);
  CHECK(made["requests"][5]["error"]["class"] == "node_lost");
  CHECK(made["requests"][5]["total_ms"].is_null());
  CHECK(made["first_token"]["nearest"] == "local");
  CHECK(made["first_token"]["provider"]["by_round_ms"].size() == 10);
  CHECK(made["whole_answer"]["places"].size() == 2);
}

TEST_CASE("named places are waited for; of all nodes those that come, until no more do") {
  gathering named({{"n1", "n2"}, 1, 60s}, start);
  CHECK_FALSE(named.is_over({"n1", "n3"}, start + 30s));
  CHECK(named.is_over({"n1", "n2"}, start + 31s));
  gathering impatient({{"n1", "n2"}, 1, 60s}, start);
  CHECK(impatient.is_over({"n1"}, start + 60s));
  gathering all({{}, 2, 60s}, start);
  CHECK_FALSE(all.is_over({"n1"}, start + 10s));
  CHECK_FALSE(all.is_over({"n1", "n2"}, start + 11s));
  CHECK_FALSE(all.is_over({"n1", "n2", "n3"}, start + 13s));
  CHECK_FALSE(all.is_over({"n1", "n2", "n3"}, start + 15s));
  CHECK(all.is_over({"n1", "n2", "n3"}, start + 16s));
}

TEST_CASE("of each place that does not take part it is said why") {
  auto no_key = status("n2");
  no_key.unable["p"] = "no key";
  auto untagged = status("n3");
  untagged.accounts = {"p"};
  const std::vector<node_status> nodes{status("n1"), no_key, untagged, status("n4", "lost")};
  CHECK(absent({{"n1", "n2", "n3", "n4", "n5"}, 1, 60s}, {"n1"}, nodes, "p") ==
        names{"n2 cannot call p: no key", "n3 lacks the tags that p asks for", "n4 is lost",
              "n5 has not joined"});
  CHECK(absent({}, {"n1", "n2", "n3"}, nodes, "p") == names{"n4 is lost"});
}

TEST_CASE("a file is narrowed to one model at one provider, which must serve it") {
  auto all = narrowed({.model = "m"});
  REQUIRE(all);
  CHECK(all->models.size() == 1);
  CHECK(all->models[0].providers == names{"p"});
  CHECK(narrowed({.model = "m", .provider = "q"})->models[0].providers == names{"q"});
  CHECK(render(narrowed({.model = "n"}).error()) ==
        "--model: nothing is called 'n' (did you mean 'm'?)");
  CHECK(narrowed({.model = "m", .provider = "other"}).error().where == "--provider");
  CHECK(narrowed({.model = "m", .dataset = "d"}).error().where == "--dataset");
}

TEST_CASE("a prompt is asked with the parameters of the model") {
  subject_wishes wanted{.model = "m", .prompt = "hello"};
  auto prompts = prompts_of(*narrowed(wanted), wanted);
  REQUIRE(prompts);
  REQUIRE(prompts->size() == 1);
  CHECK(prompts->front().messages.front().content == "hello");
  CHECK(prompts->front().max_tokens == 12);
  CHECK(prompts->front().stream);
}
