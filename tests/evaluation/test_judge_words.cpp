#include "evaluation/judges/assignment.hpp"
#include "tests/evaluation/judging.hpp"

using namespace assay;
using namespace assay::tests;
using doctest::Approx;

TEST_CASE("6.3 SQuAD: vectors of exact match and F1") {
  struct row {
    const char* answer;
    const char* gold;
    double em, f1;
  };
  const row rows[] = {
      {"a cat and a cat", "cat", 0, 0.5},
      {"3.14", "314", 1, 1},
      {"twenty-one", "twenty one", 0, 0},
      {"The  Cat!", "cat", 1, 1},
      {"it\xE2\x80\x99s", "its", 0, 0},  // a curly apostrophe stays
      {"it's", "its", 1, 1},
      {"", "", 1, 0},      // F1 of nothing is 0
      {"the", "a", 1, 0},  // both empty once articles are gone
      {"cat dog", "dog cat", 0, 1},
      {"cat cat dog", "cat dog dog", 0, 2.0 / 3},  // bags, not sets
      {"\xC3\x89"
       "COLE",
       "\xC3\xA9"
       "cole",
       1, 1},
  };
  for (auto& r : rows) {
    CAPTURE(r.answer);
    CHECK(judged("squad-em", r.answer, {r.gold}).score == r.em);
    CHECK(judged("squad-f1", r.answer, {r.gold}).score == Approx(r.f1));
  }
}

TEST_CASE("6.3 SQuAD takes the best of all gold answers") {
  CHECK(judged("squad-em", "Denver Broncos", {"Carolina", "the Denver Broncos."}).score == 1);
  CHECK(judged("squad-f1", "Denver", {"Carolina", "Denver Broncos"}).score == Approx(2.0 / 3));
}

TEST_CASE("6.4 DROP: sets of words, numbers must agree, articles and punctuation do not count") {
  struct row {
    const char* answer;
    const char* gold;
    double f1;
    bool em;
  };
  const row rows[] = {
      {"a cat and a cat", "cat", 0.67, false},  // sets: {cat, and} vs {cat}
      {"5", "5.0", 1, true},
      {"5 yards", "5", 0.67, false},
      {"6 yards", "5 yards", 0, false},  // disjoint numbers
      {"yards", "5 yards", 0, false},
      {"5 yards", "yards", 0.67, false},      // gold has no number: no rule
      {"twenty-one", "twenty one", 1, true},  // the hyphen splits
      {"1,000", "1000", 1, true},             // not a number with its comma, then one without
      {"3.14", "314", 0, false},              // a number keeps its point
      {"The Cat!", "cat", 1, true},
      {"1e3", "1000", 1, true},
      {"25.0%", "25%", 0, false},  // "25.0%" is no number: its point goes, 250
  };
  for (auto& r : rows) {
    CAPTURE(r.answer);
    auto v = judged("drop", r.answer, {r.gold});
    CHECK(v.score == Approx(r.f1));
    CHECK(v.explanation == (r.em ? "exact match" : "no exact match"));
  }
}

TEST_CASE("6.4 DROP pairs spans one to one and averages over the larger side") {
  CHECK(judged("drop", R"(["Tom Brady", "Peyton Manning"])", {R"(["Peyton Manning", "Tom Brady"])"})
            .score == 1);
  CHECK(judged("drop", R"(["Tom Brady"])", {R"(["Peyton Manning", "Tom Brady"])"}).score == 0.5);
  CHECK(judged("drop", R"(["a b", "b c", "x"])", {R"(["b", "b c"])"}).score == Approx(0.67));
  CHECK(judged("drop", "Tom Brady", {"Peyton", "Brady Tom"}).score == 1);
}

TEST_CASE("6.4 DROP reads the first 'Answer:' line, else the whole answer") {
  CHECK(judged("drop", "Let me think: 3 + 4.\nAnswer: 7", {"7"}).score == 1);
  CHECK(judged("drop", "7", {"7"}).score == 1);
  CHECK(!judged("drop", "7", {" "}).scored);
}

TEST_CASE("the best assignment is not the greedy one") {
  using evaluation::best_assignment;
  CHECK(best_assignment({{0.9, 0.8}, {0.8, 0.1}}) == Approx(1.6));
  CHECK(best_assignment({{1, 2, 3}, {3, 1, 2}}) == Approx(6));
  CHECK(best_assignment({{1}, {5}, {2}}) == Approx(5));
  CHECK(best_assignment({{7, 5, 11, 2}, {5, 4, 1, 8}, {9, 3, 2, 6}, {4, 1, 3, 5}}) ==
        Approx(11 + 8 + 9 + 1));
  CHECK(best_assignment({}) == 0);
}
