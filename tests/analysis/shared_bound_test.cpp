#include "analysis/shared_bound.hpp"

#include <doctest/doctest.h>

using namespace assay;
using namespace assay::analysis;
using doctest::Approx;

namespace {

limit_settings places(int n) { return {.max_parallel = n, .rates = {}}; }

task_group seconds_of_work(std::set<std::string> accounts, std::size_t n) {
  return {std::move(accounts), std::vector<served_task>(n, {.service_s = 1})};
}

}  // namespace

TEST_CASE("tasks that either account can serve share the places of both") {
  auto b = shared_bound({{"a", places(1)}, {"b", places(3)}}, {seconds_of_work({"a", "b"}, 100)},
                        std::nullopt);
  CHECK(b.seconds == Approx(25));
  CHECK(b.binds == "max_parallel of a+b");
}

TEST_CASE("tasks that only one account can serve are bound by it alone") {
  auto b =
      shared_bound({{"a", places(1)}, {"b", places(3)}},
                   {seconds_of_work({"a"}, 40), seconds_of_work({"a", "b"}, 60)}, std::nullopt);
  CHECK(b.seconds == Approx(40));
  CHECK(b.binds == "max_parallel of a");
}

TEST_CASE("a cap over all accounts can be what binds") {
  auto b = shared_bound({{"a", places(10)}, {"b", places(10)}},
                        {seconds_of_work({"a"}, 50), seconds_of_work({"b"}, 50)}, 4);
  CHECK(b.seconds == Approx(25));
  CHECK(b.binds == "concurrency");
}

TEST_CASE("an account without known limits limits nothing") {
  auto b = shared_bound({{"a", places(1)}}, {seconds_of_work({"elsewhere"}, 50)}, std::nullopt);
  CHECK(b.seconds == Approx(1));
  CHECK(b.binds == "longest answer");
}
