#include "actors/spending.hpp"

#include <doctest/doctest.h>

using namespace assay;
using actors::reservation;
using actors::spending;
using namespace std::chrono_literals;

TEST_CASE("what is set aside counts as spent, so that a budget holds before the answers are here") {
  spending s({.max_cost_usd = 1.0}, {});
  CHECK(s.refused_by_run({{0.6}, 0}, 0s).empty());
  s.set_aside("p", {{0.6}, 0});
  CHECK(s.refused_by_run({{0.6}, 0}, 0s) == "budget reached: max_cost_usd = 1, spent 0");
  s.give_back("p", {{0.6}, 0});
  s.spend("p", {{0.3}, 0});
  CHECK(s.refused_by_run({{0.6}, 0}, 0s).empty());
  CHECK(s.refused_by_run({{0.8}, 0}, 0s) == "budget reached: max_cost_usd = 1, spent 0.3");
}

TEST_CASE("tokens are budgeted like money") {
  spending s({.max_tokens_total = 1'000}, {});
  s.spend("p", {{}, 400});
  CHECK(s.refused_by_run({{}, 600}, 0s).empty());
  CHECK(s.refused_by_run({{}, 601}, 0s) == "budget reached: max_tokens_total = 1000, spent 400");
}

TEST_CASE("an account has its own budget; the others are not touched by it") {
  spending s({}, {{"p", {.max_cost_usd = 0.5}}});
  s.spend("p", {{0.4}, 0});
  CHECK(s.refused_by_account("p", {{0.2}, 0}, 0s) ==
        "budget reached: max_cost_usd = 0.5, spent 0.4 at provider p");
  CHECK(s.refused_by_account("q", {{0.2}, 0}, 0s).empty());
  CHECK(s.refused_by_run({{0.2}, 0}, 0s).empty());
}

TEST_CASE("after the deadline nothing fits") {
  spending s({.deadline = 10s}, {});
  CHECK(s.refused_by_run({}, 9s).empty());
  CHECK(s.refused_by_run({}, 10s) == "budget reached: deadline in s = 10, spent 10");
}
