#include "tests/providers/transport/client.hpp"
#include "tests/providers/transport/scripted_server.hpp"

using namespace assay;
using namespace assay::tests;
using transport::http_engine;
using namespace std::chrono_literals;

TEST_CASE("a whole answer reaches the reader, and its time line is filled in order") {
  std::string request;
  scripted_server server([&](connection& client) {
    request = client.read_request();
    client.answer("hello");
    client.hang();
  });
  http_engine engine({1});
  auto one = ask(server.url(), "{\"prompt\":\"hi\"}");
  one.request.headers.emplace_back("X-Empty", "");
  one.intended = instant{} + milliseconds(5);
  one.admitted = instant{} + milliseconds(7);
  auto got = start(engine, std::move(one));
  auto result = got.result();
  REQUIRE_MESSAGE(result.tried.error.kind == error_class::none, result.tried.error.message);
  CHECK(got.reader->heads == 1);
  CHECK(got.reader->finishes == 1);
  CHECK(got.reader->status == 200);
  CHECK(got.reader->headers == header_list{{"Content-Length", "5"}});
  CHECK(got.reader->body == "hello");
  const auto& at = result.tried.at;
  CHECK(at.intended == instant{} + milliseconds(5));
  CHECK(at.admitted == instant{} + milliseconds(7));
  CHECK(at.sent > at.admitted);
  CHECK(at.first_byte > at.sent);
  CHECK(at.done >= got.reader->pieces_at.back());
  CHECK(result.tried.new_connection);
  CHECK(result.tried.bytes_received ==
        std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").size());
  CHECK(request.starts_with("POST /v1/chat HTTP/1.1\r\n"));
  CHECK(has(request, "Content-Type: application/json\r\n"));
  CHECK(has(request, "X-Empty:\r\n"));
  CHECK_FALSE(has(request, "Expect:"));
  CHECK_FALSE(has(request, "Accept-Encoding"));
  CHECK(request.ends_with("\r\n\r\n{\"prompt\":\"hi\"}"));
}

TEST_CASE("a GET has no body") {
  std::string request;
  scripted_server server([&](connection& client) {
    request = client.read_request();
    client.answer("[]");
  });
  http_engine engine({1});
  auto one = ask(server.url("/v1/models"), "");
  one.request.method = "GET";
  CHECK(run(engine, std::move(one)).tried.error.kind == error_class::none);
  CHECK(request.starts_with("GET /v1/models HTTP/1.1\r\n"));
  CHECK_FALSE(has(request, "Content-Length"));
}

TEST_CASE("the pieces of a stream are stamped when they come") {
  scripted_server server([&](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (auto piece : {"one ", "two ", "three"}) {
      std::this_thread::sleep_for(std::chrono::milliseconds(60));
      client.chunk(piece);
    }
    client.chunk("");
    client.hang();
  });
  http_engine engine({1});
  auto got = start(engine, ask(server.url()));
  auto result = got.result();
  CHECK(result.tried.error.kind == error_class::none);
  CHECK(got.reader->body == "one two three");
  REQUIRE(got.reader->pieces_at.size() == 3);
  // A sleep is never shorter than asked for; half of it leaves room for the network.
  CHECK(got.reader->pieces_at[0] - got.reader->head_at > milliseconds(30));
  CHECK(got.reader->pieces_at[1] - got.reader->pieces_at[0] > milliseconds(30));
  CHECK(got.reader->pieces_at[2] - got.reader->pieces_at[1] > milliseconds(30));
}

TEST_CASE("a large body goes out whole, and `sent` is the moment of its last byte") {
  std::string request;
  instant half_read{};
  scripted_server server([&](connection& client) {
    auto start = client.read_some(1000);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    half_read = std::chrono::steady_clock::now();
    while (start.size() < 20'000'000) start += client.read_some(1 << 20);
    request = std::move(start);
    client.answer("ok");
  });
  http_engine engine({1});
  std::string body(20'000'000, 'b');  // more than the sockets on both sides buffer
  auto result = run(engine, ask(server.url(), body));
  CHECK(result.tried.error.kind == error_class::none);
  CHECK(request.ends_with(std::string(1'000'000, 'b')));
  CHECK(result.tried.at.sent > half_read);
  CHECK(result.tried.at.first_byte > result.tried.at.sent);
}

TEST_CASE("a body up to the end of the connection is whole") {
  scripted_server server([&](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it");
  });
  http_engine engine({1});
  auto got = start(engine, ask(server.url()));
  CHECK(got.result().tried.error.kind == error_class::none);
  CHECK(got.reader->body == "all of it");
}

TEST_CASE("interim answers are not shown to the reader") {
  scripted_server server([&](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    client.answer("late");
  });
  http_engine engine({1});
  auto got = start(engine, ask(server.url()));
  CHECK(got.result().tried.error.kind == error_class::none);
  CHECK(got.reader->heads == 1);
  CHECK(got.reader->status == 200);
  CHECK(got.reader->body == "late");
}

TEST_CASE("an error status is an answer: the reader decides what it means") {
  scripted_server server([&](connection& client) {
    client.read_request();
    client.answer("{\"error\":1}", "429 Too Many Requests");
  });
  http_engine engine({1});
  auto got = start(engine, ask(server.url()));
  CHECK(got.result().tried.error.kind == error_class::none);
  CHECK(got.reader->status == 429);
  CHECK(got.reader->body == "{\"error\":1}");
}

TEST_CASE("a kept-alive connection is used again") {
  scripted_server server([&](connection& client) {
    while (!client.read_request().empty()) client.answer("x");
  });
  http_engine engine({1});
  CHECK(run(engine, ask(server.url())).tried.new_connection);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(run(engine, ask(server.url())).tried.new_connection);
  CHECK(server.connections() == 1);
}

TEST_CASE("the way is measured on new and on kept connections, connecting on new ones alone") {
  scripted_server server([&](connection& client) {
    while (!client.read_request().empty()) client.answer("x");
  });
  http_engine engine({1});
  auto first = run(engine, ask(server.url())).tried;
  auto second = run(engine, ask(server.url())).tried;
  CHECK(first.connecting.tcp > 0ns);
  CHECK(first.connecting.tls == 0ns);
  CHECK(first.round_trip > 0ns);
  CHECK(first.round_trip <= first.connecting.tcp);
  CHECK(second.connecting == connection_time{});
  CHECK(second.round_trip > 0ns);
  CHECK(second.round_trip <= first.round_trip);
}

TEST_CASE(
    "an exchange that wants a connection for itself gets a new one, which nobody uses after") {
  scripted_server server([&](connection& client) {
    while (!client.read_request().empty()) client.answer("x");
  });
  http_engine engine({1});
  CHECK(run(engine, ask(server.url())).tried.new_connection);
  auto alone = ask(server.url());
  alone.new_connection = true;
  auto tried = run(engine, std::move(alone)).tried;
  CHECK(tried.new_connection);
  CHECK(tried.round_trip > 0ns);
  CHECK_FALSE(run(engine, ask(server.url())).tried.new_connection);
  CHECK(server.connections() == 2);
}

TEST_CASE("a handle used again carries nothing of the exchange before") {
  std::vector<std::string> requests;
  scripted_server server([&](connection& client) {
    for (std::string one; !(one = client.read_request()).empty();) {
      requests.push_back(one);
      client.answer("x");
    }
  });
  http_engine engine({1});
  auto first = ask(server.url("/a"), std::string(50'000, 'L'));
  first.request.headers.emplace_back("X-First", "1");
  run(engine, std::move(first));
  auto second = ask(server.url("/b"), "");
  second.request.method = "GET";
  run(engine, std::move(second));
  run(engine, ask(server.url("/c"), "tail"));
  auto last = ask(server.url("/d"), "");
  last.request.method = "DELETE";
  run(engine, std::move(last));
  REQUIRE(requests.size() == 4);
  CHECK(has(requests[0], "X-First: 1\r\n"));
  CHECK(requests[0].ends_with(std::string(50'000, 'L')));
  CHECK(requests[1].starts_with("GET /b "));
  CHECK_FALSE(has(requests[1], "X-First"));
  CHECK(requests[2].starts_with("POST /c "));
  CHECK(requests[2].ends_with("\r\n\r\ntail"));
  CHECK(requests[3].starts_with("DELETE /d "));
}

TEST_CASE("the environment's proxy is not used, the exchange's is") {
  std::string direct, proxied;
  scripted_server server([&](connection& client) {
    direct = client.read_request();
    client.answer("direct");
  });
  scripted_server proxy([&](connection& client) {
    proxied = client.read_request();
    client.answer("proxied");
  });
  auto proxy_url = "http://127.0.0.1:" + std::to_string(proxy.port());
  setenv("http_proxy", proxy_url.c_str(), 1);
  setenv("all_proxy", proxy_url.c_str(), 1);
  setenv("no_proxy", "127.0.0.1", 1);
  http_engine engine({1});
  CHECK(run(engine, ask(server.url())).reply.text == "direct");
  CHECK(proxied.empty());
  auto through = ask(server.url());
  through.proxy = proxy_url;
  CHECK(run(engine, std::move(through)).reply.text == "proxied");
  CHECK(proxied.starts_with("POST http://127.0.0.1:"));
  CHECK(run(engine, ask(server.url())).reply.text == "direct");
  for (auto name : {"http_proxy", "all_proxy", "no_proxy"}) unsetenv(name);
}
