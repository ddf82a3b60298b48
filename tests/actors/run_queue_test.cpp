#include "actors/run_queue.hpp"

#include <doctest/doctest.h>

using namespace assay;
using actors::run_queue;

namespace {

/// Two tasks each of: class 0 at p, class 1 at p, class 2 at p or q.
run_queue six_tasks() {
  auto w = std::make_shared<work>();
  w->positions = {0, 1, 2, 3, 4, 5};
  w->classes = {{"short", {"p"}, {}, route_policy::any_room, 1},
                {"long", {"p"}, {}, route_policy::any_room, 5},
                {"shared", {"p", "q"}, {"r"}, route_policy::any_room, 9}};
  w->class_of = [](std::uint32_t i) { return i / 2; };
  return run_queue(w);
}

constexpr auto any = [](const task_class&) { return true; };

std::vector<std::uint32_t> drain(run_queue& q, const std::string& provider, bool shortest = false) {
  std::vector<std::uint32_t> order;
  while (const auto* c = q.next(provider, shortest, any)) order.push_back(q.take(*c, shortest));
  return order;
}

}  // namespace

TEST_CASE("what only the asker can serve goes first, then the class expected to take longest") {
  auto q = six_tasks();
  CHECK(drain(q, "p") == std::vector<std::uint32_t>{2, 3, 0, 1, 4, 5});
  CHECK(q.pending() == 0);
}

TEST_CASE("a provider gets only what lists it, as provider or as fallback") {
  auto q = six_tasks();
  CHECK(drain(q, "q") == std::vector<std::uint32_t>{4, 5});
  auto again = six_tasks();
  CHECK(drain(again, "r") == std::vector<std::uint32_t>{4, 5});
  auto other = six_tasks();
  CHECK(drain(other, "nobody").empty());
}

TEST_CASE("what was measured counts more than what was expected") {
  auto q = six_tasks();
  for (int i = 0; i < 100; ++i) q.measured(0, 20);
  CHECK(drain(q, "p") == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("a model that a limit of its own holds back goes before longer ones") {
  auto q = six_tasks();
  q.scarce("short");
  CHECK(drain(q, "p") == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("a scout gets the shortest class, and of it what the plan has last") {
  auto q = six_tasks();
  const auto* c = q.next("p", true, [](const task_class& x) { return x.providers.size() == 1; });
  REQUIRE(c);
  CHECK(c->model == "short");
  CHECK(q.take(*c, true) == 1);
}

TEST_CASE("closed classes are passed over") {
  auto q = six_tasks();
  const auto* c = q.next("p", false, [](const task_class& x) { return x.model != "long"; });
  REQUIRE(c);
  CHECK(c->model == "short");
}

TEST_CASE("tasks that are put in later are kept until they are done, each under its class") {
  run_queue q;
  auto put = [&](const char* model, const char* text) {
    follow_up f{{}, {model, {"p"}, {}, route_policy::any_room, 1}};
    f.what.request.messages = {{role::user, text, {}, {}}};
    return q.add(std::move(f));
  };
  auto first = put("a", "one"), second = put("b", "two"), third = put("a", "three");
  CHECK(first >= first_follow_up);
  CHECK(q.pending() == 3);
  CHECK(drain(q, "p") == std::vector<std::uint32_t>{first, third, second});
  q.put_back(second);
  auto again = q.make(second);
  CHECK(again.request.messages[0].content == "two");
  CHECK(again.position == second);
  CHECK(q.remove_if([](std::uint32_t) { return true; }) == std::vector<std::uint32_t>{second});
  CHECK(q.pending() == 0);
}

TEST_CASE("a task put back is next, one that was tried comes after the others of its class") {
  auto q = six_tasks();
  auto first = q.take(*q.next("p", false, any), false);
  q.put_back(first);
  CHECK(q.take(*q.next("p", false, any), false) == first);
  q.put_back(first, true);
  CHECK(q.take(*q.next("p", false, any), false) == 3);
  CHECK(q.take(*q.next("p", false, any), false) == first);
  CHECK(q.pending() == 4);
}

TEST_CASE(
    "where the order is kept, a scout gets the first task and one that was tried stays near") {
  auto w = std::make_shared<work>();
  for (std::uint32_t i = 0; i < 100; ++i) w->positions.push_back(99 - i);
  w->classes = {{"m", {"p"}, {}, route_policy::any_room, 1}};
  w->class_of = [](std::uint32_t) { return 0u; };
  w->in_order = true;
  run_queue q{w};
  const auto* c = q.next("p", true, any);
  CHECK(q.take(*c, true) == 99);
  CHECK(q.take(*c, false) == 98);
  q.put_back(99, true);
  q.put_back(98);
  auto order = drain(q, "p");
  CHECK(order.front() == 98);
  CHECK(std::find(order.begin(), order.end(), 99) - order.begin() == 17);
}
