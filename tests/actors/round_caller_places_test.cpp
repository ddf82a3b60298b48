#include <doctest/doctest.h>

#include "tests/actors/round_office.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE_FIXTURE(round_office, "a round leaves when its requests have come to the farthest node") {
  offer({"far", 1, 80ms});
  auto began = time.now();
  begin();
  CHECK(asked("far").at(0).intended == began);
  CHECK(asked("far").at(0).admitted >= began + 2 * 80ms);
  end("far");
  offer({"near", 1, 80ms});
  pass(10s);
  REQUIRE(count("near") == 1);
  CHECK(asked("near")[0].admitted == asked("far").at(1).admitted);
}

TEST_CASE_FIXTURE(round_office, "a node that is not ready is not asked") {
  offer({"ready", 1});
  offer({"not yet", 0});
  CHECK(look().places == std::vector<std::string>{"ready"});
  begin();
  CHECK(count("not yet") == 0);
  CHECK(look().begun == 1);
}

TEST_CASE_FIXTURE(round_office, "a round that waits for a place begins when one comes") {
  begin();
  pass(20s);
  offer({"a", 1});
  CHECK(count("a") == 1);
  end("a");
  leave("a");
  pass(25s);  // of these 15 s without a place for a round that was due
  CHECK(look().stopped_by == "");
  pass(20s);
  CHECK(look().stopped_by == "no place is left to ask from");
}

TEST_CASE_FIXTURE(round_office,
                  "when the last place goes patience begins, not when a round is due") {
  plan.interval = 10min;
  offer({"a", 1});
  begin();
  end("a");
  leave("a");
  pass(31s);
  CHECK(look().finished);
}

TEST_CASE_FIXTURE(round_office, "requests go on connections of their own if that is wanted") {
  offer({"a", 1});
  plan.new_connections = true;
  begin();
  CHECK(asked("a").at(0).new_connection);
}

TEST_CASE_FIXTURE(round_office, "each address has its own places") {
  limits().each_address.max_parallel = 1;
  plan.interval = 1s;
  offer({.node = "a", .most = 1, .egress = "x"});
  offer({.node = "b", .most = 1, .egress = "y"});
  begin();
  CHECK(count("a") == 1);
  CHECK(count("b") == 1);
  end("b");
  fail("a", error_class::node_lost);
  leave("a");
  SUBCASE("which what a lost node has under way there still holds") {
    offer({.node = "c", .most = 1, .egress = "x"});
    pass(9s);
    CHECK(count("c") == 0);
    CHECK(look().waiting_on == "requests that lost nodes may still have under way");
    pass(2s);
    CHECK(count("c") == 1);
  }
  SUBCASE("and two by one address never go together") {
    offer({.node = "c", .most = 1, .egress = "x"});
    offer({.node = "d", .most = 1, .egress = "x"});
    pass(2s);
    CHECK(look().stopped_by ==
          "the limit address.max_parallel of api never lets 3 requests go at the same moment");
  }
}

TEST_CASE_FIXTURE(round_office, "all addresses together have the places of the account") {
  limits().max_parallel = 2;
  limits().each_address.max_parallel = 2;
  plan.interval = 1s;
  offer({.node = "a", .most = 1, .egress = "x"});
  offer({.node = "b", .most = 1, .egress = "y"});
  begin();
  end("b");
  fail("a", error_class::node_lost);
  leave("a");
  offer({.node = "c", .most = 1, .egress = "z"});
  pass(9s);
  CHECK(look().begun == 1);
  pass(2s);
  CHECK(look().begun == 2);
}

// -- calls of before ------------------------------------------------------------------------------

TEST_CASE_FIXTURE(round_office,
                  "calls of before a node's coming arrive, and then hold their places") {
  limits().max_parallel = 2;
  limits().rates = {round_limit(6'000, 60s, 100, "rpm")};
  plan.interval = 1s;
  offer({"a", 1, 80ms, 1});
  begin();
  pass(70ms);
  CHECK(count("a") == 0);
  pass(1s);
  REQUIRE(count("a") == 1);
  end("a");
  offer({"b", 1, 80ms});
  pass(2s);
  CHECK(look().begun == 1);
  CHECK(look().waiting_on == "requests that lost nodes may still have under way");
  SUBCASE("until one is told to have ended") {
    report(0, {.from = {.node = "a"}});
    pass(1s);
    CHECK(count("b") == 1);
  }
  SUBCASE("until they have met their time-out") {
    pass(6900ms);
    CHECK(count("b") == 0);
    pass(1s);
    CHECK(count("b") == 1);
  }
}

TEST_CASE_FIXTURE(round_office,
                  "a process that comes back says itself what it still has under way") {
  limits().max_parallel = 1;
  plan.interval = 1s;
  offer({"a", 1});
  begin();
  fail("a", error_class::node_lost);
  leave("a");
  pass(1s);
  for (bool came_back : {false, true}) {
    offer({"a", 1, 0s, 0, came_back});
    CHECK(count("a") == (came_back ? 2 : 1));
  }
}
