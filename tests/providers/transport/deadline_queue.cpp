#include "providers/transport/deadline_queue.hpp"

#include <doctest/doctest.h>

using assay::instant;
using assay::milliseconds;
using assay::transport::deadline_queue;
using owners = std::vector<deadline_queue::owner>;

namespace {
instant at(int ms) { return instant{} + milliseconds(ms); }
}  // namespace

TEST_CASE("an owner is overdue at its deadline, not before, and once") {
  deadline_queue queue;
  queue.set(3, at(100));
  CHECK(queue.next() == at(100));
  CHECK(queue.overdue(at(99)).empty());
  CHECK(queue.overdue(at(100)) == owners{3});
  CHECK(queue.overdue(at(1'000)).empty());
  CHECK(queue.next() == deadline_queue::never);
}

TEST_CASE("the earliest deadline comes first") {
  deadline_queue queue;
  queue.set(0, at(300));
  queue.set(1, at(100));
  queue.set(2, at(200));
  CHECK(queue.next() == at(100));
  CHECK(queue.overdue(at(250)) == owners{1, 2});
  CHECK(queue.overdue(at(300)) == owners{0});
}

TEST_CASE("a deadline that moved later is looked up at its new moment") {
  deadline_queue queue;
  queue.set(0, at(100));
  for (int ms = 110; ms <= 500; ms += 10) queue.set(0, at(ms));
  CHECK(queue.overdue(at(499)).empty());
  CHECK(queue.next() == at(500));
  CHECK(queue.overdue(at(500)) == owners{0});
}

TEST_CASE("a deadline that moved earlier counts at once") {
  deadline_queue queue;
  queue.set(0, at(10'000));
  queue.set(0, at(50));
  CHECK(queue.next() == at(50));
  CHECK(queue.overdue(at(50)) == owners{0});
  CHECK(queue.overdue(at(20'000)).empty());
}

TEST_CASE("a cleared owner is never overdue, and may come back") {
  deadline_queue queue;
  queue.set(0, at(100));
  queue.clear(0);
  CHECK(queue.overdue(at(200)).empty());
  queue.set(0, at(300));
  CHECK(queue.overdue(at(299)).empty());
  CHECK(queue.overdue(at(300)) == owners{0});
}

TEST_CASE("an owner used again keeps the leftovers of its past harmless") {
  deadline_queue queue;
  for (int round = 0; round < 100; ++round) {
    queue.set(0, at(round + 1'000));
    queue.set(0, at(round + 500));
    queue.clear(0);
  }
  queue.set(0, at(5'000));
  CHECK(queue.overdue(at(4'999)).empty());
  CHECK(queue.overdue(at(5'000)) == owners{0});
}
