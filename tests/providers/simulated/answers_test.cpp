#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>

#include "providers/simulated/answer_book.hpp"
#include "providers/simulated/draws.hpp"
#include "providers/simulated/wording.hpp"
#include "tests/providers/simulated/asking.hpp"
#include "tests/shared_data.hpp"

using namespace assay;
using namespace assay::tests;
using namespace assay::simulated;

namespace {

std::string found(const answer_book& book, const std::string& prompt) {
  const auto* s = book.find(prompt);
  return s ? s->id : "none";
}

sample choice(std::string target) {
  auto s = item("c", "Which one of these is it?", std::move(target));
  s.choices = {"red", "green", "blue", "white"};
  return s;
}

}  // namespace

TEST_CASE("a sample is found wherever its input stands in the prompt") {
  const answer_book book({item("a", "What is the capital of France?", ""),
                          item("b", "What is the capital of Spain?", "")});
  CHECK(found(book, "What is the capital of France?") == "a");
  CHECK(found(book, "Answer briefly.\n\nQuestion: What is the capital of Spain?\nAnswer:") == "b");
  CHECK(found(book, "What is the capital of Italy?") == "none");
  CHECK(found(book, "What is the capital of Franc") == "none");
  CHECK(found(book, "") == "none");
}

TEST_CASE("the longest input wins, and of equally long ones the last") {
  const answer_book book({item("short", "How many apples are there?", ""),
                          item("long", "How many apples are there? Two fell down.", ""),
                          item("other", "How many grapes are there?", "")});
  CHECK(found(book, "How many apples are there? Two fell down. How many apples are there?") ==
        "long");
  CHECK(found(book, "How many apples are there? Three fell down.") == "short");
  CHECK(found(book, "How many apples are there? How many grapes are there?") == "other");
  CHECK(found(book, "How many grapes are there? How many apples are there?") == "short");
}

TEST_CASE("inputs shorter than 16 bytes are found as whole words only") {
  const answer_book book(
      {item("a", "1 + 2", "3"), item("b", "11 + 2", "13"), item("c", "cat", "?")});
  CHECK(found(book, "1 + 2") == "a");
  CHECK(found(book, "How much is 11 + 2?") == "b");
  CHECK(found(book, "How much is 21 + 2?") == "none");
  CHECK(found(book, "How much is 1 + 25?") == "none");
  CHECK(found(book, "concatenate") == "none");
  CHECK(found(book, "a cat.") == "c");
}

TEST_CASE("a long input does not match where a number goes on") {
  const answer_book book({item("a", "How much is twelve plus 3", "")});
  CHECK(found(book, "How much is twelve plus 3?") == "a");
  CHECK(found(book, "How much is twelve plus 34?") == "none");
}

TEST_CASE("blanks around an input do not matter, those within do") {
  const answer_book book({item("a", "\n  Tell me about the weather today \n", "")});
  CHECK(found(book, "Q: Tell me about the weather today") == "a");
  CHECK(found(book, "Q: Tell me about the  weather today") == "none");
}

TEST_CASE("many inputs with the same beginning are told apart") {
  std::vector<sample> all;
  for (int i = 0; i < 500; ++i)
    all.push_back(item(std::to_string(i),
                       "Given the table above, what is row " + std::to_string(i) + "?", ""));
  const answer_book book(all);
  for (int i = 0; i < 500; ++i) CHECK(found(book, "Now. " + all[i].input) == std::to_string(i));
}

TEST_CASE("samples with the same input are told apart by their choices and fields") {
  auto first = item("first", "Which of these is true?", "A");
  first.choices = {"Water is wet", "Fire is cold"};
  auto second = item("second", "Which of these is true?", "B");
  second.choices = {"Snow is black", "Coal is black"};
  auto third = item("third", "Which of these is true?", "");
  third.fields = {{"context", "All about cats and dogs."}};
  const answer_book book({first, second, third});
  CHECK(found(book, "Which of these is true?\nA) Water is wet\nB) Fire is cold") == "first");
  CHECK(found(book, "Which of these is true?\nA) Snow is black\nB) Coal is black") == "second");
  CHECK(found(book, "All about cats and dogs.\n\nWhich of these is true?") == "third");
  CHECK(found(book, "Which of these is true?") == "first");
}

TEST_CASE("every GSM8K question finds itself within a prompt") {
  const auto path = shared_data("gsm8k/test.jsonl");
  if (!path) {
    MESSAGE("skipped: gsm8k/test.jsonl not found");
    return;
  }
  std::vector<sample> all;
  std::ifstream file(*path);
  for (std::string line; std::getline(file, line);) {
    const auto row = json::parse(line);
    all.push_back(item(std::to_string(all.size()), row["question"], row["answer"]));
  }
  REQUIRE(all.size() == 1319);
  const answer_book book(all);
  for (const auto& s : all) {
    CHECK(found(book, "Question: " + s.input + "\nAnswer:") == s.id);
    const auto right = right_answer(s);
    const auto gold = s.targets[0].substr(s.targets[0].find("####"));
    CHECK(right.ends_with("\n" + gold));
    for (std::uint64_t bits = 0; bits < 7; ++bits) {
      const auto wrong = wrong_answer(s, bits);
      CHECK(wrong.find("\n#### ") != std::string::npos);
      CHECK_FALSE(wrong.ends_with(gold));
    }
  }
}

TEST_CASE("a right answer is in the form its judges read") {
  CHECK(right_answer(item("", "", "9 * 2 = 18 dollars.\n#### 18")) ==
        "Step by step, we get there.\n#### 18");
  CHECK(right_answer(choice("C")) == "ANSWER: C");
  CHECK(right_answer(choice("c")) == "ANSWER: C");
  CHECK(right_answer(choice("blue")) == "ANSWER: C");
  CHECK(right_answer(choice("pink")) == "pink");
  CHECK(right_answer(item("", "", " Paris ")) == "Paris");
  CHECK(right_answer(sample{}).empty());
}

TEST_CASE("a wrong number is neither near the right one nor it with the point moved") {
  for (const auto* target :
       {"18", "0", "1", "-3", "$1,234.50", "8%", "0.07", "99 cats", "10", "#### 70,000"}) {
    CAPTURE(std::string(target));
    const auto s = item("", "", target);
    std::string plain;
    for (const char* p = target; *p; ++p)
      if (std::isdigit(static_cast<unsigned char>(*p)) || *p == '.' || *p == '-') plain += *p;
    const double right = std::stod(plain);
    for (std::uint64_t bits = 0; bits < 50; ++bits) {
      std::string got;
      for (const char c : wrong_answer(s, bits).substr(wrong_answer(s, bits).rfind('\n') + 1))
        if (std::isdigit(static_cast<unsigned char>(c)) || c == '.' || c == '-') got += c;
      REQUIRE_FALSE(got.empty());
      const double wrong = std::stod(got);
      CHECK(wrong != right);
      for (double scale : {0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0})
        if (right != 0) CHECK(std::abs(wrong / right - scale) > 0.1 * scale);
    }
  }
  CHECK(wrong_answer(item("", "", "$50 a day"), 0).starts_with("$"));
  CHECK(wrong_answer(item("", "", "$50 a day"), 0).ends_with(" a day"));
}

TEST_CASE("a wrong choice is any of the other letters, and only those") {
  std::set<std::string> seen;
  for (std::uint64_t bits = 0; bits < 100; ++bits) seen.insert(wrong_answer(choice("B"), bits));
  CHECK(seen == std::set<std::string>{"ANSWER: A", "ANSWER: C", "ANSWER: D"});
}

TEST_CASE("a wrong answer contains none of the acceptable ones") {
  CHECK(wrong_answer(item("", "", "Paris"), 1) == "I do not know");
  const auto no = wrong_answer(item("", "", "No"), 1);
  CHECK(no == "That is unclear");
  auto two = item("", "", "5");
  for (int i = 6; i < 14; ++i) two.targets.push_back(std::to_string(i));
  for (std::uint64_t bits = 0; bits < 20; ++bits) {
    const auto wrong = wrong_answer(two, bits);
    for (const auto& t : two.targets) CHECK(wrong.find(t) == std::string::npos);
  }
}

TEST_CASE("filler brings an answer to exactly the wanted number of tokens") {
  for (std::int64_t tokens : {1, 2, 3, 4, 17, 200}) {
    const auto text = lengthen("#### 18", tokens, 99, {});
    CHECK(count_tokens(text) == std::max<std::int64_t>(2, tokens));
    CHECK(static_cast<std::int64_t>(split_tokens(text).size()) == count_tokens(text));
    CHECK((text == "#### 18" || text.ends_with("\n#### 18")));
  }
}

TEST_CASE("filler holds nothing that a judge might read") {
  const auto text = lengthen("", 5'000, 7, {});
  CHECK(std::none_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isdigit(c) || c == '#'; }));
  CHECK(text.find("answer") == std::string::npos);
  std::size_t word = 0;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)))
      ++word;
    else if (word > 0) {
      CHECK(word == 3);
      word = 0;
    }
  }
  CHECK(lengthen("", 5'000, 7, {"no"}).find("no") == std::string::npos);
  CHECK(lengthen("", 5'000, 7, {"The"}).find("the") == std::string::npos);
}

TEST_CASE("tokens are four characters and never cut one in two") {
  const std::string text = "h\u00e9llo w\u00f6rld \u20ac \U0001F600!";
  std::string joined;
  for (const auto t : split_tokens(text)) {
    joined += t;
    CHECK((static_cast<unsigned char>(t[0]) & 0xC0) != 0x80);
  }
  CHECK(joined == text);
  CHECK(count_tokens(text) == 4);  // 16 code points
  CHECK(count_tokens("") == 0);
}

TEST_CASE("a sum is found anywhere in a prompt") {
  CHECK(arithmetic("What is 12 + 30?") == 42);
  CHECK(arithmetic("ID-7: 12+30") == 42);
  CHECK(arithmetic("C++ is fun: 1 +  2") == 3);
  CHECK_FALSE(arithmetic("a + b"));
  CHECK_FALSE(arithmetic("7 +"));
  CHECK_FALSE(arithmetic("1234567890123456 + 1"));
}

TEST_CASE("a log-normal draw has the median and the 99th percentile it was asked for") {
  const distribution d{200, 2000};
  std::vector<double> drawn;
  for (std::uint64_t i = 0; i < 20'000; ++i)
    drawn.push_back(draws(1, "m", i * 7919).log_normal(d, purpose::first_token));
  std::sort(drawn.begin(), drawn.end());
  CHECK(drawn[10'000] == doctest::Approx(200).epsilon(0.05));
  CHECK(drawn[19'800] == doctest::Approx(2000).epsilon(0.1));
  CHECK(draws(1, "m", 5).log_normal({50, 50}, purpose::first_token) == 50);
  CHECK(draws(1, "m", 5).log_normal({0, 0}, purpose::first_token) == 0);
}
