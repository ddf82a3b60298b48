// Which files of a folder are documents, and how documents are cut into passages.

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "evaluation/extraction/corpus.hpp"
#include "evaluation/text/unicode.hpp"
#include "tests/folder.hpp"

using namespace assay;
using namespace assay::evaluation;

namespace {

/// What is said of the files that were left out, without the folder.
std::vector<std::string> left_out(const document_set& found, const tests::folder& in) {
  std::vector<std::string> lines;
  for (const auto& p : found.left_out) {
    auto line = render(p);
    line.erase(0, in.path.string().size() + 1);
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> cut(const std::string& text, std::size_t longest, std::size_t overlap) {
  std::vector<document> documents{{"d", text}};
  std::vector<std::string> texts;
  for (const auto& p : cut_passages(documents, longest, overlap))
    texts.emplace_back(text_of(p, documents));
  return texts;
}

}  // namespace

TEST_CASE("every text file of a folder and of those below it is a document, by name") {
  tests::folder in;
  in.write("b.md", "# two");
  in.write("a.txt", "\xEF\xBB\xBFone");
  in.write("deeper/still/c", "three");
  in.write(".hidden", "not looked at");
  in.write(".git/config", "not looked at");
  auto found = read_documents(in.path.string());
  REQUIRE(found);
  CHECK(found->documents ==
        std::vector<document>{{"a.txt", "one"}, {"b.md", "# two"}, {"deeper/still/c", "three"}});
  CHECK(found->left_out.empty());
}

TEST_CASE("what is no text is left out by name, never silently") {
  tests::folder in;
  in.write("good.txt", "text");
  in.write("empty.txt", "");
  in.write("blank.txt", " \n\t");
  in.write("latin.txt", "line one\ncaf\xE9");
  in.write("binary.txt", std::string("a\0b", 3));
  in.write("report.pdf", "%PDF-1.7");
  in.write("old.zip", "PK\x03\x04");
  in.write("large.txt", std::string(largest_document + 1, 'a'));
  std::filesystem::create_symlink("nowhere", in.path / "dangling.txt");
  auto found = read_documents(in.path.string());
  REQUIRE(found);
  CHECK(found->documents == std::vector<document>{{"good.txt", "text"}});
  CHECK(left_out(*found, in) ==
        std::vector<std::string>{
            "binary.txt: holds NUL bytes: it is no text (convert it first)",
            "blank.txt: is empty",
            "dangling.txt: is no file that can be read as text",
            "empty.txt: is empty",
            "large.txt: is larger than 16 MiB (split it)",
            "latin.txt:2: is not UTF-8 (save it as UTF-8)",
            "old.zip: is a zip archive or a spreadsheet, expected text in UTF-8 (convert it first)",
            "report.pdf: is a PDF, expected text in UTF-8 (convert it first)",
        });
}

TEST_CASE("one file is a folder of one document") {
  tests::folder in;
  in.write("a.txt", "one");
  auto found = read_documents((in.path / "a.txt").string());
  REQUIRE(found);
  CHECK(found->documents == std::vector<document>{{"a.txt", "one"}});
}

TEST_CASE("a folder without a document is a problem that says why") {
  tests::folder in;
  auto empty = read_documents(in.path.string());
  REQUIRE_FALSE(empty);
  CHECK(empty.error().what == "holds no document");
  for (auto name : {"1.txt", "2.txt", "3.txt", "4.txt", "5.txt"}) in.write(name, "");
  auto all_empty = read_documents(in.path.string());
  REQUIRE_FALSE(all_empty);
  CHECK(all_empty.error().fix.find("1.txt is empty; ") != std::string::npos);
  CHECK(all_empty.error().fix.ends_with("3.txt is empty; 2 more"));
  auto nowhere = read_documents((in.path / "nowhere").string());
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().what == "there is no such folder or file");
}

TEST_CASE("a text that fits is one passage without the white space around it") {
  std::vector<document> documents{{"d", "\n\n  first line\nsecond line \n\n"}};
  auto passages = cut_passages(documents, 100, 20);
  REQUIRE(passages.size() == 1);
  CHECK(text_of(passages[0], documents) == "first line\nsecond line");
  CHECK(passages[0].first_line == 3);
  CHECK(passages[0].last_line == 4);
  CHECK(lines_of(passages[0]) == "3-4");
}

TEST_CASE("a passage ends after a paragraph, else a sentence, a line, a word, or anywhere") {
  CHECK(cut("One two three. Four\nfive six.\n\nSeven eight. Nine.", 40, 0) ==
        std::vector<std::string>{"One two three. Four\nfive six.", "Seven eight. Nine."});
  CHECK(cut("One two three four. Five\nsix seven eight nine", 30, 0) ==
        std::vector<std::string>{"One two three four.", "Five\nsix seven eight nine"});
  CHECK(cut("one two three four\nfive six seven eight", 30, 0) ==
        std::vector<std::string>{"one two three four", "five six seven eight"});
  CHECK(cut("one two three four five", 15, 0) ==
        std::vector<std::string>{"one two three", "four five"});
  CHECK(cut("abcdefghijklmnop", 10, 0) == std::vector<std::string>{"abcdefghij", "klmnop"});
}

TEST_CASE("a sentence may end in a quote, or in a wide mark without a space after it") {
  CHECK(cut("He said \"no more.\" Then he left", 26, 0) ==
        std::vector<std::string>{"He said \"no more.\"", "Then he left"});
  CHECK(cut("一二三四。五六七八九十", 20, 0) ==
        std::vector<std::string>{"一二三四。", "五六七八九十"});
}

TEST_CASE("a passage begins with the last lines or sentences of the one before") {
  CHECK(cut("first line of four\nsecond line\nthird line\nfourth line", 44, 15) ==
        std::vector<std::string>{"first line of four\nsecond line\nthird line",
                                 "third line\nfourth line"});
  CHECK(cut("one two three four five six seven", 20, 9) ==
        std::vector<std::string>{"one two three four", "four five six seven"});
}

TEST_CASE("passages of any text are short enough, overlap little, and leave nothing out") {
  std::mt19937 random(4);
  const std::vector<std::string> pieces{"word", " ",  "\n", "\n\n", ". ",   "é",
                                        "数",   "。", "\r", "\t",   "12.5", "\xF0\x9F\x98\x80"};
  for (int round = 0; round < 400; ++round) {
    std::string text;
    for (auto n = random() % 300; n > 0; --n) text += pieces[random() % pieces.size()];
    auto longest = 8 + random() % 60;
    auto overlap = random() % ((longest + 1) / 2);
    std::vector<document> documents{{"d", text}};
    auto passages = cut_passages(documents, longest, overlap);
    std::vector<bool> covered(text.size());
    std::size_t last_begin = 0, last_end = 0;
    CAPTURE(text);
    CAPTURE(longest);
    CAPTURE(overlap);
    for (const auto& p : passages) {
      auto part = text_of(p, documents);
      CHECK(part.size() <= longest);
      CHECK_FALSE(part.empty());
      CHECK(is_utf8(part));
      CHECK(p.end > last_end);
      CHECK((last_end == 0 || p.begin > last_begin));
      CHECK(p.begin + overlap >= last_end);
      CHECK(p.first_line ==
            1 + static_cast<std::size_t>(
                    std::count(text.begin(), text.begin() + static_cast<long>(p.begin), '\n')));
      CHECK(p.last_line ==
            p.first_line + static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n')));
      std::fill(covered.begin() + static_cast<long>(p.begin),
                covered.begin() + static_cast<long>(p.end), true);
      last_begin = p.begin;
      last_end = p.end;
    }
    for (std::size_t i = 0; i < text.size(); ++i)
      CHECK((covered[i] || std::string_view(" \n\r\t").find(text[i]) != std::string_view::npos));
  }
}

TEST_CASE("a passage that repeats another one is kept once, and counted") {
  document_set set{{{"a", "The same words."}, {"b", "Other words."}, {"c", "The  same\nwords."}},
                   {}};
  auto from = corpus::make(set, {});
  REQUIRE(from.passages().size() == 2);
  CHECK(from.repeated() == 1);
  CHECK(from.document_name(0) == "a");
  CHECK(from.document_name(1) == "b");
  CHECK(from.search("other", 5) == std::vector<std::size_t>{1});
}
