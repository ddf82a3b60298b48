#include "actors/examinations.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

namespace {

using how = examination_end;

/// The queue of a judge, and a clock.
struct desk {
  explicit desk(std::uint32_t here, std::size_t answers = 0) : todo(here) { add(answers); }

  void add(std::size_t answers) {
    auto batch = std::make_shared<std::vector<record>>(answers);
    for (std::uint32_t i = 0; i < answers; ++i) todo.add({batch, i});
  }
  /// How many each place is handed now, and what it holds.
  std::map<std::string, std::size_t> hand_out() {
    auto moves = todo.hand_out(now);
    std::map<std::string, std::size_t> count;
    for (const auto& h : moves.hand_over) {
      ++count[h.place];
      held[h.place].push_back(h.ticket);
    }
    asked_back = moves.ask_back;
    return count;
  }
  /// The oldest of the place ends.
  examinations::end ended(const std::string& place, how end = how::examined) {
    auto ticket = held[place].front();
    held[place].erase(held[place].begin());
    auto result = todo.ended(place, ticket, end, now);
    settled += result.counts;
    return result;
  }

  examinations todo;
  instant now{1'000s};
  std::map<std::string, std::vector<std::uint64_t>> held;
  std::vector<examinations::handing> asked_back;
  std::size_t settled = 0;
};

}  // namespace

TEST_CASE("this process gets as many as it has examiners, a node one more than it runs programs") {
  desk d(2, 100);
  d.todo.set({"n", 4, 1ms});
  CHECK(d.hand_out() == std::map<std::string, std::size_t>{{"", 2}, {"n", 5}});
  CHECK(d.hand_out().empty());
}

TEST_CASE("a node that is far away is handed what it ends while word of it is on its way, twice") {
  desk d(0, 100);
  d.todo.set({"n", 1, 49ms});  // with the ticks of both ends 100 ms there and back
  CHECK(d.hand_out().at("n") == 2);
  d.now += 10ms;
  d.ended("n");  // one in 10 ms: 20 in the time of two ways
  CHECK(d.hand_out().at("n") == 21);
}

TEST_CASE("the place with the least work before it gets the next one") {
  desk d(0, 4);
  d.todo.set({"quick", 1, 0ms});
  d.todo.set({"slow", 1, 0ms});
  CHECK(d.hand_out() == std::map<std::string, std::size_t>{{"quick", 2}, {"slow", 2}});
  d.now += 100ms;
  d.ended("quick");
  d.now += 100ms;
  d.ended("quick");
  d.now += 800ms;
  d.ended("slow");
  d.ended("slow");
  d.add(1);
  CHECK(d.hand_out() == std::map<std::string, std::size_t>{{"quick", 1}});
}

TEST_CASE("at the end an idle place takes over what another one has not begun") {
  desk d(0, 2);
  d.todo.set({"a", 1, 0ms});
  CHECK(d.hand_out().at("a") == 2);
  d.todo.set({"b", 1, 0ms});
  CHECK(d.hand_out() == std::map<std::string, std::size_t>{{"b", 1}});
  REQUIRE(d.asked_back.size() == 1);
  CHECK(d.asked_back[0].place == "a");
  CHECK(d.asked_back[0].ticket == d.held["b"][0]);

  SUBCASE("the first verdict counts, the other place is told to stop") {
    d.now += 1s;
    auto first = d.ended("b");
    CHECK(first.counts);
    REQUIRE(first.call_off.size() == 1);
    CHECK(first.call_off[0].place == "a");
    d.ended("a");
    CHECK_FALSE(d.ended("a").counts);
    CHECK(d.settled == 2);
    CHECK(d.hand_out().empty());
  }
  SUBCASE("one that was given back is with the other place alone") {
    d.ended("a");
    CHECK_FALSE(d.ended("a", how::called_off).counts);
    auto end = d.ended("b");
    CHECK(end.counts);
    CHECK(end.call_off.empty());
  }
  SUBCASE("it is lost with one of the two, and needs no third") {
    d.ended("b", how::lost);
    d.ended("a");
    CHECK(d.ended("a").counts);
    CHECK(d.hand_out().empty());
  }
}

TEST_CASE("while others wait nothing is taken over") {
  desk d(0, 3);
  d.todo.set({"a", 1, 0ms});
  d.hand_out();
  d.todo.set({"b", 1, 0ms});
  CHECK(d.hand_out() == std::map<std::string, std::size_t>{{"b", 1}});
  CHECK(d.asked_back.empty());
}

TEST_CASE("at the end what takes much longer than expected is begun elsewhere too") {
  desk d(0, 2);
  d.todo.set({"a", 1, 0ms});
  d.todo.set({"b", 1, 0ms});
  CHECK(d.hand_out() == std::map<std::string, std::size_t>{{"a", 1}, {"b", 1}});
  d.now += 1s;
  d.ended("b");
  CHECK(d.hand_out().empty());
  CHECK(d.todo.idle());
  d.now += 2s;
  CHECK(d.hand_out() == std::map<std::string, std::size_t>{{"b", 1}});
  CHECK(d.asked_back.empty());
}

TEST_CASE("what a lost node had waits again, in front of the others") {
  desk d(0, 3);
  d.todo.set({"a", 1, 0ms});
  d.hand_out();
  d.todo.remove("a");
  d.ended("a", how::lost);
  d.ended("a", how::lost);
  CHECK(d.hand_out().empty());
  CHECK(d.todo.stuck());
  d.todo.set({"b", 4, 0ms});
  CHECK(d.hand_out().at("b") == 3);
  CHECK_FALSE(d.todo.stuck());
}

TEST_CASE("one that six nodes were lost with is settled without a verdict") {
  desk d(0, 1);
  for (int i = 0; i < 6; ++i) {
    auto node = std::to_string(i);
    d.todo.set({node, 1, 0ms});
    CHECK(d.hand_out() == std::map<std::string, std::size_t>{{node, 1}});
    d.todo.remove(node);
    auto end = d.ended(node, how::lost);
    CHECK(end.counts == (i == 5));
    CHECK(end.hopeless == (i == 5));
  }
  CHECK(d.hand_out().empty());
}

TEST_CASE("what is too large for a message, and what a node told wrong, this process does itself") {
  for (auto end : {how::too_large, how::refused})
    for (std::uint32_t here : {0u, 2u}) {
      desk d(here);
      d.todo.set({"n", 9, 0ms});
      d.add(4);
      d.hand_out();
      while (!d.held["n"].empty()) d.ended("n", end);
      while (!d.held[""].empty()) d.ended("");
      std::size_t rounds = 0;
      for (auto count = d.hand_out(); !count.empty(); count = d.hand_out(), ++rounds) {
        CHECK(count == std::map<std::string, std::size_t>{{"", std::max(here, 1u)}});
        while (!d.held[""].empty()) d.ended("");
      }
      CHECK(d.settled == 4);
    }
}

TEST_CASE("a place that takes none gets none until it is offered again") {
  desk d(0, 1);
  d.todo.set({"n", 1, 0ms});
  d.hand_out();
  d.ended("n", how::not_taken);
  CHECK(d.hand_out().empty());
  d.todo.set({"n", 1, 0ms});
  CHECK(d.hand_out().at("n") == 1);
}
