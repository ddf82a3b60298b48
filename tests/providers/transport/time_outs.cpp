#include "tests/providers/transport/client.hpp"
#include "tests/providers/transport/scripted_server.hpp"

using namespace assay;
using namespace assay::tests;
using transport::http_engine;

namespace {

void check_timeout(const exchange_result& got, std::string_view code, std::string_view words) {
  CHECK(got.tried.error.kind == error_class::timeout);
  CHECK(got.tried.error.code == code);
  CHECK_MESSAGE(has(got.tried.error.message, words), got.tried.error.message);
}

}  // namespace

TEST_CASE("a server that never answers ends at the first_byte time-out") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.hang();
  });
  http_engine engine({1});
  auto one = ask(server.url());
  one.limits.first_byte = milliseconds(80);
  auto got = run(engine, std::move(one));
  check_timeout(got, "first_byte_timeout", "sent no byte of an answer for 80 ms");
  CHECK(has(got.tried.error.message, "127.0.0.1:"));
  CHECK(got.tried.at.sent != instant{});
  CHECK(got.tried.at.done - got.tried.at.sent >= milliseconds(80));
}

TEST_CASE("headers that trickle in do not put the first_byte time-out off") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 30; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      client.send("X-Slow: 1\r\n");
    }
    client.hang();
  });
  http_engine engine({1});
  auto one = ask(server.url());
  one.limits.first_byte = milliseconds(150);
  check_timeout(run(engine, std::move(one)), "first_byte_timeout", "for 150 ms");
}

TEST_CASE("the idle time-out does not rule before the first byte") {
  scripted_server server([](connection& client) {
    client.read_request();
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    client.answer("late but good");
    client.hang();
  });
  http_engine engine({1});
  auto one = ask(server.url());
  one.limits.idle = milliseconds(40);
  CHECK(run(engine, std::move(one)).reply.text == "late but good");
}

TEST_CASE("a stream that stalls ends at the idle time-out with what had come") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.chunk("half an ans");
    client.hang();
  });
  http_engine engine({1});
  auto one = ask(server.url());
  one.limits.idle = milliseconds(90);
  auto got = start(engine, std::move(one));
  check_timeout(got.result(), "idle_timeout", "stalled: no byte for 90 ms after ");
  CHECK(got.reader->body == "half an ans");
  CHECK(got.reader->finishes == 1);
}

TEST_CASE("every byte puts the idle time-out off, so a slow stream is no stalled one") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 12; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      client.chunk(":\n");
    }
    client.chunk("");
  });
  http_engine engine({1});
  auto one = ask(server.url());
  one.limits.idle = milliseconds(400);  // less than the whole stream, much more than a pause
  CHECK(run(engine, std::move(one)).tried.error.kind == error_class::none);
}

TEST_CASE("an endless stream ends at the total time-out") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 60; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      client.chunk("more ");
    }
  });
  http_engine engine({1});
  auto one = ask(server.url());
  one.limits.total = milliseconds(200);
  check_timeout(run(engine, std::move(one)), "total_timeout", "not finished within 200 ms");
}

TEST_CASE("a TLS handshake that hangs ends at the connect time-out") {
  scripted_server server([](connection& client) { client.hang(); });
  http_engine engine({1});
  auto one = ask("https://127.0.0.1:" + std::to_string(server.port()) + "/v1");
  one.limits.connect = milliseconds(100);
  auto got = run(engine, std::move(one));
  check_timeout(got, "connect_timeout", "within 100 ms");
  CHECK_MESSAGE(has(got.tried.error.message, "TCP is connected"), got.tried.error.message);
  CHECK(got.tried.at.sent == instant{});
}

TEST_CASE("a server that stops reading a large request ends at the first_byte time-out") {
  scripted_server server([](connection& client) { client.hang(); });
  http_engine engine({1});
  auto one = ask(server.url(), std::string(20'000'000, 'x'));
  one.limits.first_byte = milliseconds(150);
  auto got = run(engine, std::move(one));
  check_timeout(got, "first_byte_timeout", "took no byte of the request for 150 ms");
  CHECK(got.tried.at.sent == instant{});
}

TEST_CASE("a time-out of zero means none") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    client.chunk("done");
    client.chunk("");
  });
  http_engine engine({1});
  auto one = ask(server.url());
  one.limits = {milliseconds(0), milliseconds(0), milliseconds(0), milliseconds(0)};
  CHECK(run(engine, std::move(one)).tried.error.kind == error_class::none);
}

TEST_CASE("time-outs of many exchanges are each their own") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.hang();
  });
  http_engine engine({2});
  std::vector<pending> all;
  for (int i = 0; i < 40; ++i) {
    auto one = ask(server.url());
    one.limits.first_byte = milliseconds(50 + 10 * (i % 7));
    all.push_back(start(engine, std::move(one)));
  }
  for (int i = 0; i < 40; ++i) {
    auto got = all[i].result();
    check_timeout(got, "first_byte_timeout", "for " + std::to_string(50 + 10 * (i % 7)) + " ms");
    CHECK(got.tried.at.done - got.tried.at.sent >= milliseconds(50 + 10 * (i % 7)));
  }
}
