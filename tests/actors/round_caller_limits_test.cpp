#include <doctest/doctest.h>

#include "tests/actors/round_office.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE_FIXTURE(round_office, "a round does not begin before the one before it is over") {
  plan.interval = 100ms;
  offer({"a", 1});
  begin();
  pass(1s);
  CHECK(count("a") == 1);
  end("a");
  CHECK(count("a") == 2);
}

TEST_CASE_FIXTURE(round_office, "after a wait the distance between rounds is the same again") {
  offer({"a", 1});
  begin();
  end("a");
  leave("a");
  pass(25s);
  offer({"a", 1});
  CHECK(count("a") == 2);
  end("a");
  pass(9s);
  CHECK(count("a") == 2);
  CHECK(look().waiting_on == "");
  pass(1s);
  CHECK(count("a") == 3);
}

TEST_CASE_FIXTURE(round_office, "a 429 holds the next round back") {
  plan.interval = 1s;
  offer({"a", 1});
  begin();
  end("a", {.error = {.kind = error_class::rate_limited, .retry_after = 5s}});
  pass(2s);
  CHECK(count("a") == 1);
  CHECK(look().waiting_on == "retry-after");
  pass(4s);
  CHECK(count("a") == 2);
  CHECK(look().waiting_on == "");
}

TEST_CASE_FIXTURE(round_office,
                  "a limit that frees before the next round is due is not waited for") {
  limits().rates = {round_limit(12, 60s, 1, "rpm")};
  offer({"a", 1});
  begin();
  end("a");
  CHECK(look().waiting_on == "");
}

TEST_CASE_FIXTURE(round_office, "a round counts at the limits of its model, and they are named") {
  limits().models = {{"m", {round_limit(6, 60s, 1, "m.rpm")}},
                     {"other", {round_limit(1, 60s, 1, "o")}}};
  memory.sent.push_back({time.now(), "other"});
  offer({"a", 1});
  offer({"b", 1});
  begin();
  CHECK(look().stopped_by == "the limit m.rpm of api never lets 2 requests go at the same moment");
}

TEST_CASE_FIXTURE(round_office,
                  "the limit of all is named before those of each address that it exceeds") {
  limits().each_address.rates = {
      round_limit(60, 60s, 2, "address.rpm"),
      {dimension::tokens, 60, 60s, 15, limit_shape::bucket, "address.tpm"}};
  offer({.node = "a", .most = 1, .egress = "x"});
  offer({.node = "b", .most = 1, .egress = "x"});
  offer({.node = "c", .most = 1, .egress = "y"});
  begin();
  CHECK(look().stopped_by ==
        "the limit address.tpm of api never lets 3 requests go at the same moment");
}

TEST_CASE_FIXTURE(round_office, "more places than requests at the same time end it, by that name") {
  limits().max_parallel = 1;
  offer({"a", 1});
  offer({"b", 1});
  begin();
  CHECK(look().stopped_by ==
        "the limit max_parallel of api never lets 2 requests go at the same moment");
}

TEST_CASE_FIXTURE(round_office, "tokens that were reserved and not used come back") {
  limits().refund = true;
  limits().rates = {{dimension::output_tokens, 20, 600s, 20, limit_shape::sliding_log, "tpm"}};
  offer({"a", 1});
  begin();
  for (std::size_t round = 2; round <= 4; ++round) {
    attempt tried;
    tried.usage.output = 2;
    end("a", tried);
    pass(10s);
    CHECK(count("a") == round);
  }
}

// -- money ----------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(round_office,
                  "a round must fit the budget with all of its requests, at its own price") {
  access->settings.price_factor = 2;
  offer({"a", 1});
  plan.most_cost = usd{45};  // a request of ten tokens may cost 20 USD, and a little for its input
  SUBCASE("one") {
    begin();
    attempt tried;
    tried.usage.output = 10;
    end("a", tried);
    CHECK(look().cost.value == doctest::Approx(20));
    pass(10s);
    CHECK(count("a") == 2);
  }
  SUBCASE("three") {
    offer({"b", 1});
    offer({"c", 1});
    begin();
    CHECK(look().begun == 0);
    CHECK(look().stopped_by.starts_with("budget reached"));
  }
}

TEST_CASE_FIXTURE(round_office, "a request that is lost costs its input") {
  plan.prompts[0].messages = {{role::user, std::string(400, 'x')}};
  offer({"a", 1});
  begin();
  fail("a", error_class::node_lost);
  CHECK(look().cost.value >= 90);
}

TEST_CASE_FIXTURE(round_office, "a limit of what may be spent counts what a round may cost") {
  limits().rates = {
      {dimension::money, 15, 86'400'000ms, 15, limit_shape::sliding_log, "usd_per_day"}};
  offer({"a", 1});
  offer({"b", 1});
  begin();
  CHECK(look().begun == 0);
  CHECK(look().stopped_by.find("usd_per_day") != std::string::npos);
}

// -- the end --------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(round_office,
                  "what would be refused again ends it when every place of a round met it") {
  offer({"a", 1});
  offer({"b", 1});
  begin();
  fail("a", error_class::auth);
  end("b");
  CHECK(look().stopped_by == "");
  for (auto kind : {error_class::auth, error_class::quota_exhausted, error_class::bad_request,
                    error_class::context_too_long}) {
    round_office once_more;
    once_more.offer({"a", 1});
    once_more.begin();
    once_more.fail("a", error_class::server_error);
    once_more.pass(10s);
    once_more.fail("a", kind);
    CHECK(once_more.look().stopped_by == std::string{to_string(kind)} + " from every place: no");
  }
}

TEST_CASE_FIXTURE(round_office, "the first reason to end stays, and the last round needs none") {
  plan.rounds = 1;
  offer({"a", 1});
  auto say = [&](const std::string& why) {
    caf::anon_send(caller, drain_atom_v, why);
    time.run();
    return look().stopped_by;
  };
  SUBCASE("before") {
    CHECK(say("interrupted") == "interrupted");
    CHECK(say("once more") == "interrupted");
  }
  SUBCASE("in the last round") {
    begin();
    CHECK(say("interrupted") == "");
  }
}
