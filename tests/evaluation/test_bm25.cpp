#include <doctest/doctest.h>

#include "evaluation/text/bm25.hpp"

using namespace assay::evaluation;

namespace {

using list = std::vector<std::string>;

const list animals{"The cat sat on the mat", "The dog chased the cat", "A bird sang"};

}  // namespace

TEST_CASE("words are runs of letters, marks and digits in lower case") {
  CHECK(words("Net income, 2023: $1.5bn!") == list{"net", "income", "2023", "1", "5bn"});
  CHECK(words("don't re-use snake_case") == list{"don", "t", "re", "use", "snake", "case"});
  CHECK(words("\xC3\x89T\xC3\x89 cafe\xCC\x81") ==
        list{"\xC3\xA9t\xC3\xA9", "cafe\xCC\x81"});  // a combining accent belongs to its letter
  CHECK(words("") == list{});
  CHECK(words(" ... ") == list{});
}

TEST_CASE("characters that are written without spaces are words one by one") {
  CHECK(words("\xE6\x9D\xB1\xE4\xBA\xAC\x41") == list{"\xE6\x9D\xB1", "\xE4\xBA\xAC", "a"});
}

TEST_CASE("malformed bytes separate words") {
  CHECK(words("one\xFFtwo") == list{"one", "two"});
  CHECK(words("cut\xE6\x9D") == list{"cut"});
}

// The scores come from the published formula, worked out in Python.
TEST_CASE("texts are ranked by BM25 with k1 1.2 and b 0.75") {
  bm25 index(animals);
  auto found = index.rank("the cat", 10);
  REQUIRE(found.size() == 2);
  CHECK(found[0].index == 1);
  CHECK(found[0].score == doctest::Approx(1.090187545494).epsilon(1e-11));
  CHECK(found[1].index == 0);
  CHECK(found[1].score == doctest::Approx(1.019003640151).epsilon(1e-11));
  found = index.rank("Bird mat?", 10);
  REQUIRE(found.size() == 2);
  CHECK(found[0].index == 2);
  CHECK(found[0].score == doctest::Approx(1.148651748774).epsilon(1e-11));
  CHECK(found[1].score == doctest::Approx(0.878184331185).epsilon(1e-11));
}

TEST_CASE("a word that the query repeats counts as often") {
  auto found = bm25(animals).rank("cat cat", 1);
  REQUIRE(found.size() == 1);
  CHECK(found[0].score == doctest::Approx(0.913319355254).epsilon(1e-11));
}

TEST_CASE("no more texts are given than asked for, and none without a word of the query") {
  bm25 index(animals);
  CHECK(index.rank("the", 1).size() == 1);
  CHECK(index.rank("the", 0).empty());
  CHECK(index.rank("elephant", 10).empty());
  CHECK(index.rank("", 10).empty());
}

TEST_CASE("among equal texts the earlier one comes first") {
  auto found = bm25({"no", "same words", "same words", "same words"}).rank("words", 2);
  REQUIRE(found.size() == 2);
  CHECK(found[0].index == 1);
  CHECK(found[1].index == 2);
  CHECK(found[0].score == found[1].score);
}

TEST_CASE("an index over nothing, or over empty texts, finds nothing") {
  CHECK(bm25({}).rank("word", 5).empty());
  CHECK(bm25({"", " "}).rank("word", 5).empty());
}
