#include "providers/dialects/sse.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace assay::tests {

namespace {

struct seen {
  std::string name;
  std::string data;
  bool operator==(const seen&) const = default;
};

std::vector<seen> events_of(std::string_view stream, std::size_t first, std::size_t piece) {
  dialects::sse_parser parser;
  std::vector<seen> out;
  auto note = [&](const dialects::sse_event& e) {
    out.push_back({std::string(e.name), std::string(e.data)});
  };
  for (auto size = first; !stream.empty(); size = piece) {
    std::string bytes(stream.substr(0, size));
    CHECK(parser.feed(bytes, note));
    stream.remove_prefix(bytes.size());
  }
  parser.end(note);
  return out;
}

void check(std::string_view stream, const std::vector<seen>& expected) {
  CHECK(events_of(stream, stream.size(), 1) == expected);
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    CAPTURE(cut);
    CHECK(events_of(stream, cut, stream.size()) == expected);
  }
  CHECK(events_of(stream, 1, 1) == expected);
}

}  // namespace

TEST_CASE("events end with a blank line, LF or CRLF") {
  check("data: a\n\ndata: b\r\n\r\n", {{"", "a"}, {"", "b"}});
}

TEST_CASE("several data lines are joined with LF") {
  check("data: a\ndata:\ndata: b\n\n", {{"", "a\n\nb"}});
}

TEST_CASE("at most one blank after the colon is dropped, none is needed") {
  check("data:a\n\ndata:  b \n\n", {{"", "a"}, {"", " b "}});
}

TEST_CASE("comments, id, retry, unknown fields and events without data are passed over") {
  check(": OPENROUTER PROCESSING\n\n:\nid: 1\nretry: 5\nx: y\nword\n\nevent: ping\n\ndata: a\n\n",
        {{"", "a"}});
}

TEST_CASE("the event line names its event and no later one") {
  check("event: x\ndata: a\n\ndata: b\n\nevent: y\n\ndata: c\n\n",
        {{"x", "a"}, {"", "b"}, {"", "c"}});
}

TEST_CASE("a field name without a colon has an empty value") { check("data\n\n", {{"", ""}}); }

TEST_CASE("bytes of a UTF-8 sequence may come apart") {
  check("data: \xF0\x9F\x98\x80\n\n", {{"", "\xF0\x9F\x98\x80"}});
}

TEST_CASE("a comment within an event does not end it") {
  check("data: a\n: ping\ndata: b\n\n", {{"", "a\nb"}});
}

TEST_CASE("the last event counts without its blank line, and without its line end") {
  check("data: a\n\ndata: b\n", {{"", "a"}, {"", "b"}});
  check("data: a\n\ndata: b", {{"", "a"}, {"", "b"}});
  check("data: a\n\nevent: x", {{"", "a"}});
}

TEST_CASE("a stream in any three pieces gives the same events") {
  constexpr std::string_view stream = "event: x\ndata: abc\ndata: defghijkl\n\ndata: m\n\n";
  const std::vector<seen> expected{{"x", "abc\ndefghijkl"}, {"", "m"}};
  for (std::size_t first = 1; first < stream.size(); ++first)
    for (std::size_t second = 1; first + second < stream.size(); ++second) {
      dialects::sse_parser parser;
      std::vector<seen> out;
      auto note = [&](const dialects::sse_event& e) {
        out.push_back({std::string(e.name), std::string(e.data)});
      };
      parser.feed(std::string(stream.substr(0, first)), note);
      parser.feed(std::string(stream.substr(first, second)), note);
      parser.feed(std::string(stream.substr(first + second)), note);
      CHECK(out == expected);
    }
}

TEST_CASE("an event larger than 8 MiB is refused, one of just that size is not") {
  dialects::sse_parser parser;
  std::size_t size = 0;
  auto note = [&](const dialects::sse_event& e) { size = e.data.size(); };
  std::string line = "data:" + std::string(dialects::sse_parser::max_event - 5, 'x') + "\n\n";
  CHECK(parser.feed(line, note));
  CHECK(size == dialects::sse_parser::max_event - 5);
  dialects::sse_parser other;
  size = 0;
  CHECK(other.feed("data:", note));
  CHECK_FALSE(other.feed(std::string(dialects::sse_parser::max_event, 'x'), note));
  CHECK_FALSE(other.feed("\n\ndata: a\n\n", note));
  other.end(note);
  CHECK(size == 0);
}

TEST_CASE("many small data lines count together") {
  dialects::sse_parser parser;
  auto note = [](const dialects::sse_event&) {};
  std::string lines;
  for (int i = 0; i < 1'000; ++i) lines += "data: " + std::string(1'000, 'x') + "\n";
  bool good = true;
  int fed = 0;
  for (; fed < 20 && good; ++fed) good = parser.feed(lines, note);
  CHECK_FALSE(good);
  CHECK(fed == 9);
}

}  // namespace assay::tests
