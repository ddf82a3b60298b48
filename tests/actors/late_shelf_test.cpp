#include "actors/late_shelf.hpp"

#include <doctest/doctest.h>

using namespace assay;
using namespace assay::actors;

namespace {

late_result result(int task, const std::string& text = "yes", std::int64_t run = 1) {
  late_result r;
  r.run = run;
  r.key = hash_parts({std::to_string(task)});
  r.provider = "p";
  r.result.reply.text = text;
  return r;
}

std::string text_of(late_shelf& shelf, int task, std::int64_t run = 1) {
  auto found = shelf.take(run, result(task).key);
  return found ? found->result.reply.text : "none";
}

}  // namespace

TEST_CASE("a late result is taken once, by its run and task") {
  late_shelf shelf({});
  CHECK(shelf.put(result(1)) == 0);
  CHECK_FALSE(shelf.take(2, result(1).key));
  CHECK_FALSE(shelf.take(1, result(2).key));
  CHECK(text_of(shelf, 1) == "yes");
  CHECK(text_of(shelf, 1) == "none");
  CHECK(shelf.bytes() == 0);
}

TEST_CASE("a later result of the same task takes the place of the first") {
  late_shelf shelf({});
  shelf.put(result(1, "first"));
  CHECK(shelf.put(result(1, "second")) == 0);
  CHECK(shelf.size() == 1);
  CHECK(text_of(shelf, 1) == "second");
}

TEST_CASE("there is room for so many: the oldest make room for new ones") {
  late_shelf shelf({.results = 3});
  for (int i = 1; i <= 3; ++i) shelf.put(result(i));
  CHECK(shelf.put(result(4)) == 1);
  CHECK(shelf.size() == 3);
  CHECK(text_of(shelf, 1) == "none");
  CHECK(text_of(shelf, 4) == "yes");
}

TEST_CASE("there is room for so many bytes, whatever one node has to tell") {
  late_shelf shelf({.bytes = 5'000});
  for (int i = 1; i <= 4; ++i) shelf.put(result(i, std::string(1'000, 'x')));
  CHECK(shelf.size() < 4);
  CHECK(shelf.bytes() <= 5'000);
  shelf.put(result(9, std::string(6'000, 'x')));
  CHECK(shelf.size() == 0);
  CHECK(shelf.bytes() == 0);
}

TEST_CASE("all of a run are taken in the order in which they came, and no other run's") {
  late_shelf shelf({});
  shelf.put(result(2));
  shelf.put(result(1, "other", 7));
  shelf.put(result(1));
  auto all = shelf.take_all(1);
  REQUIRE(all.size() == 2);
  CHECK(all[0].key == result(2).key);
  CHECK(all[1].key == result(1).key);
  CHECK(shelf.take_all(1).empty());
  CHECK(text_of(shelf, 1, 7) == "other");
}

TEST_CASE("what a task does not need any more is dropped") {
  late_shelf shelf({});
  shelf.put(result(1));
  shelf.drop(1, result(1).key);
  shelf.drop(1, result(2).key);
  CHECK(shelf.size() == 0);
}
