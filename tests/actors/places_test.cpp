#include "actors/places.hpp"

#include <doctest/doctest.h>

#include "tests/actors/node_fakes.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

namespace {

std::uint64_t free_at(const places& p, std::uint32_t address = 0) {
  auto found = p.free().find(address);
  return found == p.free().end() ? 0 : found->second;
}

}  // namespace

TEST_CASE("the next exchange goes where the least work is before it") {
  places p{0};
  p.set({"small", 10}, {});
  p.set({"large", 30}, {});
  std::map<std::string, int> taken;
  for (int i = 0; i < 20; ++i) ++taken[p.take()];
  CHECK(taken["small"] == 5);
  CHECK(taken["large"] == 15);
}

TEST_CASE("a place that takes three times as long gets a third of the work") {
  places p{0};
  p.set({"quick", 100}, {});
  p.set({"slow", 100}, {});
  for (const auto* name : {"quick", "slow"}) {
    while (p.take() != name) {
    }
    p.ended(name, name == std::string("quick") ? 1 : 3);
  }
  while (p.at("quick").under_way > 0) p.ended("quick", 0);
  while (p.at("slow").under_way > 0) p.ended("slow", 0);
  std::map<std::string, int> taken;
  for (int i = 0; i < 40; ++i) ++taken[p.take()];
  CHECK(taken["quick"] == 30);
  CHECK(taken["slow"] == 10);
}

TEST_CASE("no place gets more than it can take, and this process may be one of them") {
  places p{2};
  p.set({"node", 3}, {});
  CHECK(free_at(p) == 5);
  for (int i = 0; i < 5; ++i) p.take();
  CHECK(free_at(p) == 0);
  CHECK(p.at("").under_way == 2);
  CHECK(p.at("node").under_way == 3);
}

TEST_CASE("a place that is gone gets nothing more; what it had still ends") {
  places p{0};
  p.set({"node", 3}, {});
  p.take();
  p.remove("node");
  CHECK(free_at(p) == 0);
  p.ended("node", 1);
  p.remove("node");
  p.set({"node", 3}, {});
  CHECK(free_at(p) == 3);
}

TEST_CASE("the farthest place counts also after it has gone") {
  places p{0};
  CHECK(p.farthest() == 0ms);
  p.set({"near", 1, 2ms}, {});
  p.set({"far", 1, 80ms}, {});
  p.remove("far");
  p.set({"near", 1, 3ms}, {});
  CHECK(p.farthest() == 80ms);
}

TEST_CASE("nothing starts anywhere before every node that is here has taken part, or is gone") {
  places p{2, true};
  CHECK(free_at(p) == 0);
  p.wait_for({"a", "b"});
  p.set({"a", 3}, {});
  CHECK(free_at(p) == 0);
  p.remove("b");
  CHECK(free_at(p) == 5);
}

TEST_CASE("places are taken by the address that their requests leave by") {
  places p{1};
  p.set({"a", 2}, {}, 1);
  p.set({"b", 3}, {}, 1);
  CHECK(free_at(p, 0) == 1);
  CHECK(free_at(p, 1) == 5);
  for (int i = 0; i < 5; ++i) CHECK(p.take(1) != "");
  CHECK(p.free() == std::map<std::uint32_t, std::uint64_t>{{0, 1}});
  p.ended("b", 0);
  CHECK(free_at(p, 1) == 1);
  CHECK(p.take(0).empty());

  p.remove("b");
  p.set({"a", 2}, {}, 7);  // it has moved
  p.ended("a", 0);
  CHECK(p.free() == std::map<std::uint32_t, std::uint64_t>{{7, 1}});
}

TEST_CASE(
    "there is a place as long as one takes something, and it is kept while it has something") {
  places p{0};
  CHECK_FALSE(p.any());
  p.set({"a", 1}, {});
  CHECK(p.any());
  p.take();
  p.remove("a");
  CHECK_FALSE(p.any());
  CHECK(p.at("a").under_way == 1);
  p.ended("a", 1);
  CHECK_THROWS(p.at("a"));
}

TEST_CASE("a place knows the address that it said last") {
  places p{0};
  p.set({.node = "a", .most = 1, .egress = "x"}, {});
  p.set({.node = "a", .most = 1, .egress = "y"}, {});
  CHECK(p.at("a").egress == "y");
}

TEST_CASE("the time of a place moves with its answers, a tenth each") {
  places p{0};
  p.set({"a", 1}, {});
  for (double took : {1.0, 2.0}) {
    p.take();
    p.ended("a", took);
  }
  CHECK(p.at("a").mean_s == doctest::Approx(1.1));
}

TEST_CASE("a place that has not answered yet counts as the quickest, and a full one not at all") {
  places p{0};
  for (const auto* name : {"a", "b"}) p.set({name, 1}, {});
  for (int i = 0; i < 2; ++i) p.take();
  p.ended("a", 10);
  p.ended("b", 1);
  p.set({"c", 1}, {});
  for (int i = 0; i < 3; ++i) CHECK(p.take() != (i < 2 ? "a" : "b"));
}

TEST_CASE("a node that comes back is spoken to by its new connection") {
  tests::virtual_system s;
  auto permits = std::make_shared<std::vector<std::uint64_t>>();
  auto before = s.system.spawn(tests::noting_place, permits);
  auto after = s.system.spawn(tests::noting_place, permits);
  places p{0};
  p.set({"a", 2}, before);
  p.take();
  p.remove("a");  // what is under way there keeps it
  p.set({"a", 2}, after);
  CHECK(p.at("a").handle == after);
  for (const auto& one : {before, after}) caf::anon_send_exit(one, caf::exit_reason::kill);
  s.time.run();
}
