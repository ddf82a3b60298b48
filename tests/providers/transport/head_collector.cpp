#include "providers/transport/head_collector.hpp"

#include <doctest/doctest.h>

#include <string>

using assay::header_list;
using assay::transport::head_collector;
using state = head_collector::state;

TEST_CASE("a head is complete at the empty line, with status and trimmed headers") {
  head_collector head;
  CHECK(head.line("HTTP/1.1 429 Too Many Requests\r\n") == state::collecting);
  CHECK(head.line("Retry-After:   3 \r\n") == state::collecting);
  CHECK(head.line("x-empty:\r\n") == state::collecting);
  CHECK_FALSE(head.complete());
  CHECK(head.line("\r\n") == state::complete);
  CHECK(head.complete());
  CHECK(head.status() == 429);
  CHECK(head.headers() == header_list{{"Retry-After", "3"}, {"x-empty", ""}});
  CHECK(head.value_of("retry-after") == "3");
  CHECK(head.value_of("absent").empty());
}

TEST_CASE("an HTTP/2 status line has no reason") {
  head_collector head;
  head.line("HTTP/2 200 \r\n");
  CHECK(head.line("\r\n") == state::complete);
  CHECK(head.status() == 200);
}

TEST_CASE("interim answers are dropped with their headers") {
  head_collector head;
  head.line("HTTP/1.1 103 Early Hints\r\n");
  head.line("Link: </style.css>\r\n");
  CHECK(head.line("\r\n") == state::collecting);
  head.line("HTTP/1.1 200 OK\r\n");
  head.line("A: b\r\n");
  CHECK(head.line("\r\n") == state::complete);
  CHECK(head.headers() == header_list{{"A", "b"}});
}

TEST_CASE("trailers after the head are ignored") {
  head_collector head;
  head.line("HTTP/1.1 200 OK\r\n");
  head.line("\r\n");
  CHECK(head.line("X-Trailer: 1\r\n") == state::collecting);
  CHECK(head.line("\r\n") == state::collecting);
  CHECK(head.headers().empty());
}

TEST_CASE("a head beyond the bound is refused") {
  head_collector head;
  head.line("HTTP/1.1 200 OK\r\n");
  std::string line = "X: " + std::string(1'000, 'x') + "\r\n";
  auto last = state::collecting;
  for (int i = 0; i < 300 && last == state::collecting; ++i) last = head.line(line);
  CHECK(last == state::too_large);
}

TEST_CASE("lines that are no headers do no harm") {
  head_collector head;
  head.line("HTTP/\r\n");
  head.line("HTTP/1.1 abc\r\n");
  head.line("no colon here\r\n");
  CHECK(head.line("\r\n") == state::collecting);
  CHECK(head.status() == 0);
  CHECK_FALSE(head.complete());
}
