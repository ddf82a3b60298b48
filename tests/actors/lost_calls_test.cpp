#include "actors/lost_calls.hpp"

#include <doctest/doctest.h>

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

namespace {

const instant start{1h};

/// An account of three places, whose exchanges take no longer than 10 s.
struct books {
  limits::account mirror{{.max_parallel = 3}, start};
  lost_calls lost{mirror, 10s};

  void lose(const std::string& node, instant admitted) {
    mirror.admit({}, admitted);
    lost.lost({}, admitted, node);
  }
};

}  // namespace

TEST_CASE_FIXTURE(books, "a lost call keeps its place until it has met its time-out") {
  lose("n", start);
  lose("n", start + 2s);
  CHECK(lost.next() == start + 10s);
  CHECK(lost.last() == start + 12s);
  lost.look(start + 9s);
  CHECK(mirror.in_flight() == 2);
  lost.look(start + 10s);
  CHECK(mirror.in_flight() == 1);
  lost.look(start + 12s);
  CHECK(mirror.in_flight() == 0);
  CHECK(lost.empty());
  CHECK(lost.next() == instant::max());
}

TEST_CASE_FIXTURE(books, "a node that says itself what it has frees what it was thought to have") {
  lose("n", start);
  lose("other", start);
  lost.of_before("n", 1, 0, start + 1s);
  lost.forget("n", start);
  CHECK(mirror.in_flight() == 1);
  lost.look(start + 1s);
  CHECK(mirror.in_flight() == 1);  // not that of `n`, which was on its way
  lost.look(start + 10s);
  CHECK(lost.empty());
}

TEST_CASE_FIXTURE(books,
                  "calls of before hold everything until they have arrived, and then count") {
  lost.of_before("n", 2, 0, start + 1s);
  CHECK(mirror.earliest({}, start) == start + 1s);
  CHECK(mirror.in_flight() == 0);
  CHECK(lost.next() == start + 1s);
  lost.look(start + 1s);
  CHECK(mirror.in_flight() == 2);
  CHECK(lost.next() == start + 11s);
}

TEST_CASE_FIXTURE(books, "the end of a call of before frees one place, of its own node") {
  lost.of_before("n", 1, 0, start);
  lost.of_before("other", 1, 0, start);
  lost.look(start);
  lose("n", start);
  lost.ended_of_before("n", start + 1s);
  CHECK(mirror.in_flight() == 2);
  lost.ended_of_before("n", start + 1s);  // what is left of it there is no call of before
  CHECK(mirror.in_flight() == 2);
  lost.ended_of_before("other", start + 1s);
  CHECK(mirror.in_flight() == 1);
}

TEST_CASE("calls of before are counted at the address that they left by") {
  limits::account mirror{{.max_parallel = 9, .each_address = {2, {}}}, start};
  lost_calls lost{mirror, 10s};
  auto x = mirror.address("x");
  lost.of_before("n", 2, x, start);
  lost.look(start);
  CHECK(mirror.free_slots_at(x) == 0);
  CHECK(mirror.free_slots_at(0) == 2);
  lost.look(start + 10s);
  CHECK(mirror.free_slots_at(x) == 2);
}

TEST_CASE("what was reserved for a lost call counts as used") {
  rate_limit tokens{dimension::tokens, 100, 60s, 1, limit_shape::sliding_log, "tpm"};
  limits::account mirror{{.max_parallel = 3, .rates = {tokens}, .refund = true}, start};
  lost_calls lost{mirror, 10s};
  limits::charge reserved{10, 80};
  mirror.admit(reserved, start);
  lost.lost(reserved, start, "n");
  lost.look(start + 10s);
  CHECK(lost.empty());
  CHECK(mirror.earliest(reserved, start + 10s) >= start + 60s);
}
