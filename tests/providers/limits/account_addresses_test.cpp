#include <doctest/doctest.h>

#include <algorithm>

#include "providers/limits/account.hpp"

using namespace assay;
using namespace assay::limits;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1s};

/// So many requests in any ten seconds.
rate_limit logged(double amount) {
  return {dimension::requests, amount, 10s, 1, limit_shape::sliding_log, "rpm"};
}

}  // namespace

TEST_CASE("the address of this process has limits of its own like any other") {
  account a{{.max_parallel = 5, .each_address = {2, {logged(3)}}}, start};
  a.address("x");
  a.admit({}, start);
  a.admit({}, start);
  CHECK(a.free_slots_at(0) == 0);
  CHECK_FALSE(a.fits({}, start));
  for (int i = 0; i < 2; ++i) a.release({}, {}, start, start);
  a.admit({}, start);
  CHECK(a.earliest({}, start) >= start + 10s);
}

TEST_CASE("what is known of an account names the addresses of its limits") {
  account a{{.max_parallel = 5, .each_address = {2, {logged(3)}}}, start};
  a.address("x");
  auto known = a.known(start);
  auto of_x = [](const auto& one) { return one.address == "x"; };
  CHECK(std::count_if(known.rates.begin(), known.rates.end(), of_x) == 1);
  REQUIRE(std::count_if(known.places.begin(), known.places.end(), of_x) == 1);
  CHECK(std::find_if(known.places.begin(), known.places.end(), of_x)->most == 2);
}

TEST_CASE("what an address is told is in its room alone, and headers of it are wanted") {
  account a{{.max_parallel = 5, .scope = limit_scope::address}, start};
  charge from_x{.address = a.address("x")};
  CHECK(a.wants_headers());
  a.admit(from_x, start);
  a.limited({.kind = error_class::rate_limited, .retry_after = 5s}, from_x, start, start, 1s);
  CHECK(a.room_at(from_x.address, start) == 0);
  CHECK(a.room_at(a.address("y"), start) > 0);
}

TEST_CASE("a hold of the account holds every address back") {
  account a{{.max_parallel = 5, .scope = limit_scope::address}, start};
  charge from_x{.address = a.address("x")};
  a.hold(start + 1s);
  CHECK(a.room(start) == 0);
  CHECK(a.earliest(from_x, start) == start + 1s);
  CHECK(a.earliest_together({from_x}, start) == start + 1s);
}

TEST_CASE("requests that nobody remembers are counted once each, and no more than had places") {
  account a{{.max_parallel = 9, .rates = {logged(4)}, .each_address = {2, {logged(4)}}}, start};
  auto x = a.address("x");
  a.perhaps_sent(4, start);
  CHECK(a.earliest({}, start) >= start + 10s);
  CHECK(a.room_at(x, start) == 2);

  account b{{.max_parallel = 9, .each_address = {{}, {logged(6)}}}, start};
  b.address("x");
  b.perhaps_sent(4, start + 20s);
  CHECK(b.room_at(0, start + 21s) == 2);
  CHECK(b.room_at(b.address("later"), start + 21s) == 2);
}

TEST_CASE("what each address may do is counted for each, on top of what the account may") {
  account a{{.max_parallel = 5, .rates = {logged(30)}, .each_address = {2, {logged(10)}}}, start};
  auto x = a.address("x"), y = a.address("y");
  CHECK(a.address(address_here) == 0);
  CHECK(x != y);
  CHECK(a.address("x") == x);
  charge from_x{.address = x}, from_y{.address = y};

  for (int i = 0; i < 2; ++i) a.admit(from_x, start);
  CHECK_FALSE(a.fits(from_x, start));
  CHECK(a.held_back_by(from_x, start) == "address.max_parallel");
  CHECK(a.free_slots_at(x) == 0);
  CHECK(a.free_slots_at(y) == 2);
  CHECK(a.fits(from_y, start));
  for (int i = 0; i < 2; ++i) a.release(from_x, from_x, start, start);
  CHECK(a.in_flight_at(x) == 0);

  for (int i = 2; i < 10; ++i) {
    a.admit(from_x, start);
    a.release(from_x, from_x, start, start);
  }
  CHECK(a.room_at(x, start) == 0);
  CHECK(a.room_at(y, start) == 2);
  CHECK(a.earliest(from_x, start) >= start + 10s);
  CHECK(a.earliest(from_y, start) == start);
}

TEST_CASE("where nothing tells addresses apart, they are one") {
  account a{{.max_parallel = 5, .rates = {logged(30)}}, start};
  CHECK(a.address("x") == 0);
  CHECK(a.address("y") == 0);
}

TEST_CASE("with scope = address a 429 closes the address that met it, and no other") {
  for (auto scope : {limit_scope::address, limit_scope::account}) {
    CAPTURE(static_cast<int>(scope));
    account a{{.max_parallel = 9, .scope = scope}, start};
    charge from_x{.address = a.address("x")}, from_y{.address = a.address("y")};
    a.admit(from_x, start);
    a.limited({.kind = error_class::rate_limited, .retry_after = 5s}, from_x, start, start + 1ms,
              1s);
    CHECK(a.earliest(from_x, start + 2ms) >= start + 5s);
    CHECK((a.earliest(from_y, start + 2ms) < start + 5s) == (scope == limit_scope::address));
  }
}

TEST_CASE("what was learned of an address is known, and gone on from, as that of the address") {
  account a{{.max_parallel = 9, .scope = limit_scope::address}, start};
  known_rate slow{.rate = 0.1, .low = 0.1, .high = 0.1, .source = knowledge::learned};
  slow.burst = 1;
  slow.address = "x";
  a.resume({{slow}, {}}, start);
  charge from_x{.address = a.address("x")}, from_y{.address = a.address("y")};
  a.admit(from_x, start);
  a.admit(from_y, start);
  CHECK(a.earliest(from_x, start + 5s) > start + 5s);
  CHECK(a.earliest(from_y, start + 5s) == start + 5s);
  auto known = a.known(start).rates;
  CHECK(std::any_of(known.begin(), known.end(),
                    [](const known_rate& r) { return r.address == "x" && r.rate == 0.1; }));
}

TEST_CASE("requests that nobody remembers may have come from any address, once in all") {
  account a{{.max_parallel = 4, .rates = {logged(10)}, .each_address = {{}, {logged(6)}}}, start};
  auto before = a.address("x");
  a.perhaps_sent(4, start);
  CHECK(a.room_at(before, start) == 2);
  CHECK(a.room_at(a.address("later"), start) == 2);
  CHECK(a.room(start) == 4);  // its slots; 6 of the rate are left
  for (int i = 0; i < 4; ++i) a.admit({.address = i < 2 ? before : a.address("later")}, start);
  CHECK(a.held_back_by({.address = a.address("third")}, start) == "max_parallel");
}

TEST_CASE("those of one address leave together if that has room for them, all if the account has") {
  account a{{.max_parallel = 5, .each_address = {2, {logged(3)}}}, start};
  charge from_x{.address = a.address("x")}, from_y{.address = a.address("y")};
  CHECK(a.earliest_together({from_x, from_x, from_y, from_y}, start) == start);
  CHECK(a.earliest_together({from_x, from_x, from_x}, start) == instant::max());
  a.admit(from_x, start);
  a.admit(from_x, start);
  CHECK(a.earliest_together({from_x, from_x, from_y, from_y}, start) >= start + 10s);
  CHECK(a.earliest_together({from_x, from_y, from_y}, start) == start);
}
