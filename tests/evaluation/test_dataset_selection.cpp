// Filter, shuffle and limit.

#include "evaluation/data/shuffle.hpp"
#include "tests/evaluation/dataset_text.hpp"

using namespace assay;
using namespace assay::evaluation;
using namespace assay::tests;

TEST_CASE("the filter keeps rows whose field has one of the values") {
  auto settings = of(dataset_format::jsonl);
  settings.filter = {{"level", {"1", "3"}}, {"meta.split", {"test"}}};
  auto samples = good(
      "{\"input\": \"a\", \"level\": 1, \"meta\": {\"split\": \"test\"}}\n"
      "{\"input\": \"b\", \"level\": 2, \"meta\": {\"split\": \"test\"}}\n"
      "{\"input\": \"c\", \"level\": 3, \"meta\": {\"split\": \"dev\"}}\n"
      "{\"input\": \"d\", \"level\": \"3\", \"meta\": {\"split\": \"test\"}}\n",
      settings);
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].input == "a");
  CHECK(samples[1].input == "d");
  CHECK(samples[1].id == "4");  // numbers are those of the file
  settings.filter = {{"level", {"9"}}};
  CHECK(problems("{\"input\": \"a\", \"level\": 1}", settings) ==
        strings{"d.txt: no row passes the filter (compare the filter's values with the rows)"});
  settings.filter = {{"lvl", {"1"}}};
  CHECK(problems("{\"input\": \"a\", \"level\": 1}", settings) ==
        strings{"d.txt: no row has the field 'lvl' of the filter"});
}

// The first numbers from seed 0 are the published ones of SplitMix64; the orders come from an
// independent program in Python.
TEST_CASE("the shuffle is the same on every platform") {
  splitmix64 zero(0);
  CHECK(zero.next() == 0xE220A8397B1DCDAFULL);
  CHECK(zero.next() == 0x6E789E6AA1B965F4ULL);
  CHECK(zero.next() == 0x06C45D188009454FULL);
  std::vector<int> items = {0, 1, 2, 3, 4, 5};
  shuffle(items, 0);
  CHECK(items == std::vector<int>{1, 3, 4, 0, 2, 5});
  items = {0, 1, 2, 3, 4, 5};
  shuffle(items, 42);
  CHECK(items == std::vector<int>{2, 5, 3, 1, 0, 4});
}

TEST_CASE("the limit comes after the shuffle, the shuffle after the filter") {
  std::string text;
  for (int i = 0; i < 10; ++i)
    text += "{\"input\": \"" + std::to_string(i) + "\", \"odd\": " + std::to_string(i % 2) + "}\n";
  auto settings = of(dataset_format::jsonl);
  settings.filter = {{"odd", {"1"}}};
  settings.shuffle_seed = 7;
  auto all = good(text, settings);
  REQUIRE(all.size() == 5);
  settings.limit = 2;
  auto two = good(text, settings);
  REQUIRE(two.size() == 2);
  CHECK(two[0] == all[0]);
  CHECK(two[1] == all[1]);
  settings.shuffle_seed.reset();
  CHECK(good(text, settings)[0].input == "1");
  settings.limit = 99;
  CHECK(good(text, settings).size() == 5);
}
