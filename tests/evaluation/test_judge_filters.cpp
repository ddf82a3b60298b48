#include "evaluation/judges/filter_chain.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace assay;
using namespace assay::evaluation;

namespace {

std::string filtered_text(std::vector<filter_settings> filters, const std::string& text) {
  auto chain = filter_chain::make(filters, "judge 'x'");
  if (!chain) return render(chain.error());
  auto result = chain->apply(text);
  return result.status == search_status::found ? result.text : "<" + result.note + ">";
}

std::string problem_of(filter_settings filter) {
  auto chain = filter_chain::make({filter}, "judge 'x'");
  return chain ? "" : render(chain.error());
}

}  // namespace

TEST_CASE("each filter does what its name says") {
  CHECK(filtered_text({{"after", "Answer:", "", 0}}, "Answer: a Answer: b") == " a Answer: b");
  CHECK(filtered_text({{"after", "Answer:", "", -1}}, "Answer: a Answer: b") == " b");
  CHECK(filtered_text({{"before", "\n\n", "", 0}}, "one\n\ntwo\n\nthree") == "one");
  CHECK(filtered_text({{"before", "\n\n", "", -1}}, "one\n\ntwo\n\nthree") == "one\n\ntwo");
  CHECK(filtered_text({{"before", "absent", "", 0}}, "kept") == "kept");
  CHECK(filtered_text({{"code_block", "", "", 0}}, "a\n```py\nx = 1\n```\n```\ny\n```") == "y\n");
  CHECK(filtered_text({{"collapse_whitespace", "", "", 0}}, " a \n b ") == "a b");
  CHECK(filtered_text({{"first_line", "", "", 0}}, "\n one \ntwo") == "one");
  CHECK(filtered_text({{"last_line", "", "", 0}}, "one\n two \n\n") == "two");
  CHECK(filtered_text({{"json", "a.b.0", "", 0}}, "so: {\"a\": {\"b\": [\"x\"]}}") == "x");
  CHECK(filtered_text({{"json", "n", "", 0}}, "```json\n{\"n\": 51.0}\n```") == "51.0");
  CHECK(filtered_text({{"lowercase", "", "", 0}}, "\xC3\x89") == "\xC3\xA9");
  CHECK(filtered_text({{"uppercase", "", "", 0}}, "\xC3\xA9") == "\xC3\x89");
  CHECK(filtered_text({{"regex", "(\\d+)", "", -1}}, "1 2 3") == "3");
  CHECK(filtered_text({{"regex", "x( .*)", "", 0}}, "x  y ") == "y");  // stripped, as lm-eval does
  CHECK(filtered_text({{"remove_punctuation", "", "", 0}}, "a.b!") == "ab");
  CHECK(filtered_text({{"remove_whitespace", "", "", 0}}, " a b\n") == "ab");
  CHECK(filtered_text({{"replace", "(\\d),(\\d)", "\\1\\2", 0}}, "1,2") == "12");
  CHECK(filtered_text({{"strip", "", "", 0}}, "\n a ") == "a");
  CHECK(filtered_text({{"take_first", "", "", 0}}, " a ") == " a ");
}

TEST_CASE("filters run in their order") {
  CHECK(filtered_text({{"last_line", "", "", 0}, {"after", ":", "", 0}, {"strip", "", "", 0}},
                      "x: 1\ny: 2") == "2");
}

TEST_CASE("a filter that finds nothing ends the chain and says which it was") {
  CHECK(filtered_text({{"strip", "", "", 0}, {"regex", "\\d", "", 0}}, "none") ==
        "<filter 2 (regex '\\d') found nothing>");
  CHECK(filtered_text({{"after", "X", "", 0}}, "none") == "<filter 1 (after 'X') found nothing>");
  CHECK(filtered_text({{"json", "a", "", 0}}, "{\"a\": null}") ==
        "<filter 1 (json 'a') found nothing>");
  CHECK(filtered_text({{"code_block", "", "", 0}}, "```\nopen") ==
        "<filter 1 (code_block) found nothing>");
}

TEST_CASE("a wrong filter is a problem that says what is right") {
  CHECK(problem_of({"lowercas", "", "", 0}) ==
        "judge 'x', filter 1: there is no filter 'lowercas' (did you mean 'lowercase'?)");
  CHECK(problem_of({"regex", "", "", 0}) ==
        "judge 'x', filter 1: the filter 'regex' needs a pattern (set pattern)");
  CHECK(problem_of({"strip", "x", "", 0}) ==
        "judge 'x', filter 1: the filter 'strip' has no option 'pattern' (take it out)");
  CHECK(problem_of({"regex", "x", "y", 0}) ==
        "judge 'x', filter 1: the filter 'regex' has no option 'replacement' (take it out)");
  CHECK(problem_of({"json", "x", "", 1}) ==
        "judge 'x', filter 1: the filter 'json' has no option 'select' (take it out)");
  CHECK(problem_of({"regex", "[", "", 0}).find("offset 1") != std::string::npos);
}

TEST_CASE("the list of filter types is sorted") {
  auto types = filter_types();
  CHECK(std::is_sorted(types.begin(), types.end()));
  CHECK(types.size() == 15);
}

// Patterns as the scorers publish them; section 6.5, 6.2 and 6.8 of what they do.
TEST_CASE("6.5 Inspect's answer(), GPQA's and MGSM's extractions can be written as filters") {
  auto found = [](const std::string& pattern, const std::string& text, int select = 0) {
    return filtered_text({{"regex", pattern, "", select}}, text);
  };
  auto letter = R"((?is)ANSWER\s*:\s*([A-Za-z])(?:[^\w]|\n|$)(?!.*ANSWER\s*:))";
  CHECK(found(letter, "ANSWER: A\nno\nanswer: C\n") == "C");
  CHECK(found(letter, "ANSWER: because").find("found nothing") != std::string::npos);
  auto word = R"((?is)ANSWER\s*:\s*(\S+?)(?=[.,;:!?]?\s*(?:\n|$))(?!.*ANSWER\s*:))";
  CHECK(found(word, "ANSWER: Rome\nANSWER: Paris.\n") == "Paris");
  auto line = R"((?i)ANSWER\s*:\s*([^\n]+)\s*\Z)";
  CHECK(found(line, "x\nAnswer: New York\n") == "New York");
  CHECK(found(line, "Answer: New York\nmore").find("found nothing") != std::string::npos);
  CHECK(found(R"((?i)Answer\s*:\s*([^\n]+))", "answer : a b\nc") == "a b");
  CHECK(found(R"((?<=The answer is )(.*)(?=.))", "The answer is (B).") == "(B)");
  CHECK(found(R"((\([A-Z]\)))", "(A) or (C)?", -1) == "(C)");
  CHECK(filtered_text({{"replace", ",", "", 0},
                       {"after", "Answer:", "", -1},
                       {"regex", R"(\d+\.?\d*)", "", -1},
                       {"replace", R"(\.0*$)", "", 0}},
                      "3 apples\nAnswer: it is 1,234.0") == "1234");
}
