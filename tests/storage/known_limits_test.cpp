#include "storage/known_limits_json.hpp"
#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE("what a run found out about limits comes back, and the newest of an account") {
  on_every_ledger([](store& s) {
    auto first = must(s.db->open_run({.experiment = "e", .fingerprint = "1"})).id;
    auto second = must(s.db->open_run({.experiment = "e", .fingerprint = "2"})).id;
    CHECK_FALSE(must(s.db->newest_limits("a1")).has_value());
    known_rate rate{.model = "m \"1\"", .counts = dimension::tokens, .rate = 10.25, .low = 10};
    rate.shape = limit_shape::sliding_log;
    rate.window = std::chrono::seconds(60);
    rate.source = knowledge::learned;
    rate.key = "tpm";
    known_limits most{{rate, {}}, {{"fast", 12, knowledge::learned}}};
    must(s.db->save_limits(first, {"p", "a1", {}, 10}));
    must(s.db->save_limits(first, {"p", "a1", most, 20}));
    must(s.db->save_limits(first, {"q", "a2", {}, 30}));
    must(s.db->save_limits(second, {"p", "a1", {}, 15}));
    auto newest = must(s.another()->newest_limits("a1"));
    REQUIRE(newest.has_value());
    CHECK(newest->limits == most);
    CHECK(newest->saved_unix_ns == 20);
    auto of_run = must(s.db->limits_of(first));
    REQUIRE(of_run.size() == 2);
    CHECK(of_run[0].limits == most);
    CHECK(of_run[1].account == "a2");
  });
}

TEST_CASE("limits that are not of the ledger's form are refused, whatever they are") {
  auto rate = [](const std::string& members) {
    return R"({"rates":[{)" + members + R"(}],"places":[]})";
  };
  known_limits read;
  CHECK(storage::read_known_limits(rate(R"("counts":0,"shape":0,"source":1)"), read));
  for (const auto& damaged :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"rates":[]})"),
        rate(R"("counts":99,"shape":0,"source":1)"), rate(R"("counts":0,"shape":-1,"source":1)"),
        rate(R"("counts":0,"shape":0)"), rate(R"("counts":0,"shape":0,"source":1,"model":7)"),
        rate(R"("counts":0,"shape":0,"source":1,"window_s":"a minute")")}) {
    CAPTURE(damaged);
    CHECK_FALSE(storage::read_known_limits(damaged, read));
  }
}
