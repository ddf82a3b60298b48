#include <doctest/doctest.h>

#include "evaluation/text/articles.hpp"
#include "evaluation/text/unicode.hpp"

using namespace assay::evaluation;

TEST_CASE("malformed UTF-8 is found at its first byte") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain ASCII of more than eight bytes"));
  CHECK(is_utf8("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"));
  CHECK(first_bad_utf8("abcdefgh\xFF") == 8);
  CHECK(first_bad_utf8("ab\xC3") == 2);            // cut
  CHECK(first_bad_utf8("\xC0\xAF") == 0);          // overlong '/'
  CHECK(first_bad_utf8("\xE0\x80\xAF") == 0);      // overlong
  CHECK(first_bad_utf8("\xED\xA0\x80") == 0);      // a surrogate
  CHECK(first_bad_utf8("\xF4\x90\x80\x80") == 0);  // above U+10FFFF
  CHECK(first_bad_utf8("ok\x80") == 2);            // a lone continuation
}

TEST_CASE("every malformed byte is repaired to U+FFFD and the rest stays") {
  CHECK(repair_utf8("a\xFF\xFE"
                    "b") ==
        "a\xEF\xBF\xBD\xEF\xBF\xBD"
        "b");
  CHECK(repair_utf8("caf\xC3") == "caf\xEF\xBF\xBD");
  CHECK(repair_utf8("\xE2\x82\xAC") == "\xE2\x82\xAC");
}

// The right-hand sides are what Python 3.11 gives for the same text.
TEST_CASE("lower is Python's str.lower") {
  CHECK(lower("ABC xyz") == "abc xyz");
  CHECK(lower("\xC3\x89\xC3\x80") == "\xC3\xA9\xC3\xA0");      // ÉÀ
  CHECK(lower("STRASSE \xE1\xBA\x9E") == "strasse \xC3\x9F");  // ẞ -> ß
  CHECK(lower("\xC4\xB0") == "i\xCC\x87");                     // İ
  CHECK(lower("\xCE\x9F\xCE\xA3") == "\xCE\xBF\xCF\x82");      // ΟΣ -> ος
  CHECK(lower("\xCE\xA3\xCE\x9F") == "\xCF\x83\xCE\xBF");      // ΣΟ -> σο
  CHECK(lower("\xCE\xA3") == "\xCF\x83");                      // alone: not final
  CHECK(lower("\xEF\xBC\xA1") == "\xEF\xBD\x81");              // fullwidth A
}

TEST_CASE("strip and split go by Python's white space, which is more than ASCII") {
  CHECK(strip(" \t\r\n a b \x1C\x0B") == "a b");
  CHECK(strip("\xC2\xA0x\xE3\x80\x80") == "x");  // no-break space, ideographic space
  CHECK(strip(" \n ") == "");
  CHECK(collapse_space("  a \n\t b\xE2\x80\x83"
                       "c ") == "a b c");
  CHECK(split("\xE2\x80\x8B"
              "a")
            .size() == 1);  // U+200B is no white space
  CHECK(remove_space(" a b\n") == "ab");
}

TEST_CASE("punctuation is the 32 ASCII characters and nothing else") {
  CHECK(remove_punctuation("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") == "");
  CHECK(remove_punctuation("don\xE2\x80\x99t") == "don\xE2\x80\x99t");
  CHECK(remove_digits("a1b22") == "ab");
}

TEST_CASE("articles vanish only as whole words") {
  CHECK(without_articles("the cat and a dog than an") == "  cat and   dog than  ");
  CHECK(without_articles("\xC3\xA9"
                         "a a\xC3\xA9") ==
        "\xC3\xA9"
        "a a\xC3\xA9");  // é is a letter
}
