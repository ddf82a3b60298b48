#include "actors/fair_queue.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using assay::actors::fair_queue;

namespace {

std::map<std::string, int> turns(fair_queue<std::string>& q, int n) {
  std::map<std::string, int> taken;
  for (int i = 0; i < n; ++i) {
    auto next = q.next();
    REQUIRE(next);
    ++taken[*next];
    q.charge(*next);
  }
  return taken;
}

}  // namespace

TEST_CASE("turns are shared by weight") {
  fair_queue<std::string> q;
  q.add("one", 1);
  q.add("two", 2);
  q.add("five", 5);
  CHECK(turns(q, 800) == std::map<std::string, int>{{"one", 100}, {"two", 200}, {"five", 500}});
}

TEST_CASE("a higher priority goes first, whatever the weights") {
  fair_queue<std::string> q;
  q.add("low", 1'000, 0);
  q.add("high", 1, 1);
  CHECK(turns(q, 10) == std::map<std::string, int>{{"high", 10}});
  q.rest("high");
  CHECK(turns(q, 10) == std::map<std::string, int>{{"low", 10}});
}

TEST_CASE("a newcomer starts where the others are: it does not catch up on the past") {
  fair_queue<std::string> q;
  q.add("old", 1);
  turns(q, 1'000);
  q.add("new", 1);
  CHECK(turns(q, 100)["new"] <= 51);
}

TEST_CASE("one that rests keeps what it was charged") {
  fair_queue<std::string> q;
  q.add("a", 1);
  q.add("b", 1);
  turns(q, 2);
  q.charge("a", 10);
  q.rest("a");
  q.add("a", 1);
  CHECK(turns(q, 10) == std::map<std::string, int>{{"b", 10}});
}

TEST_CASE("nobody is next when all rest") {
  fair_queue<std::string> q;
  CHECK_FALSE(q.next());
  q.add("a", 1);
  q.rest("a");
  CHECK_FALSE(q.next());
}

TEST_CASE("a reserve is served at any priority, and no more than that") {
  fair_queue<char> q;
  q.add('a', 1, 5);
  q.add('j', 1, 0, 0.2);
  int of_j = 0;
  for (int i = 0; i < 1'000; ++i) {
    auto next = *q.next();
    of_j += next == 'j';
    q.charge(next);
  }
  CHECK(of_j == doctest::Approx(200).epsilon(0.01));
}

TEST_CASE("a reserve that nobody wanted is not made up for") {
  fair_queue<char> q;
  q.add('a', 1, 5);
  q.add('j', 1, 0, 0.2);
  q.rest('j');
  for (int i = 0; i < 1'000; ++i) q.charge('a');
  q.add('j', 1, 0, 0.2);
  int of_j = 0;
  for (int i = 0; i < 20; ++i) {
    auto next = *q.next();
    of_j += next == 'j';
    q.charge(next);
  }
  CHECK(of_j >= 4);
  CHECK(of_j <= 7);
}
