#include "providers/transport/failure.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include "tests/providers/transport/client.hpp"
#include "tests/providers/transport/scripted_server.hpp"

using namespace assay;
using namespace assay::tests;
using transport::http_engine;

namespace {

void check_error(const exchange_result& got, error_class kind, std::string_view code,
                 std::string_view words) {
  CHECK(got.tried.error.kind == kind);
  CHECK(got.tried.error.code == code);
  CHECK_MESSAGE(has(got.tried.error.message, words), got.tried.error.message);
}

}  // namespace

TEST_CASE("a refused connection names host, port and reason") {
  auto port = std::to_string(closed_port());
  http_engine engine({1});
  auto got = run(engine, ask("http://127.0.0.1:" + port + "/v1"));
  check_error(got, error_class::transport, "connect_failed",
              "cannot connect to 127.0.0.1:" + port + ": Connection refused");
  CHECK(got.tried.at.sent == instant{});
  CHECK_FALSE(got.tried.new_connection);
}

TEST_CASE("a name that does not exist is said to be unresolved") {
  http_engine engine({1});
  auto got = run(engine, ask("http://no-such-host.invalid/v1"));
  check_error(got, error_class::transport, "name_not_resolved",
              "cannot resolve the name of no-such-host.invalid");
}

TEST_CASE(
    "a proxy that refuses the tunnel is a transport error, and its words are not the answer") {
  std::string asked;
  scripted_server proxy([&](connection& client) {
    asked = client.read_request();
    client.answer("no way", "403 Forbidden");
  });
  http_engine engine({1});
  auto one = ask("https://api.example.com/v1");
  one.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
  auto got = start(engine, std::move(one));
  check_error(got.result(), error_class::transport, "connect_failed",
              "cannot connect to api.example.com: CONNECT tunnel failed, response 403");
  CHECK(asked.starts_with("CONNECT api.example.com:443 "));
  CHECK(got.reader->heads == 0);
}

TEST_CASE("a connection closed without a byte is a transport error") {
  scripted_server server([](connection& client) { client.read_request(); });
  http_engine engine({1});
  check_error(run(engine, ask(server.url())), error_class::transport, "empty_answer",
              "closed the connection without a byte");
  CHECK(server.connections() == 1);
}

TEST_CASE("a reset is a transport error") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.reset();
  });
  http_engine engine({1});
  check_error(run(engine, ask(server.url())), error_class::transport, "connection_lost",
              "was lost before any byte");
  CHECK(server.connections() == 1);
}

TEST_CASE("an end within the headers is a transport error") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-st");
  });
  http_engine engine({1});
  auto got = start(engine, ask(server.url()));
  check_error(got.result(), error_class::transport, "connection_lost", "was lost");
  CHECK(got.reader->heads == 0);
}

TEST_CASE("a body cut short of its length is a transport error, and the reader has the rest") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
  });
  http_engine engine({1});
  auto got = start(engine, ask(server.url()));
  check_error(got.result(), error_class::transport, "connection_lost", "was lost after ");
  CHECK(got.reader->body == "only this");
}

TEST_CASE("a chunked body without its last chunk is a transport error") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.chunk("data: {}\n\n");
  });
  http_engine engine({1});
  auto got = start(engine, ask(server.url()));
  check_error(got.result(), error_class::transport, "connection_lost", "was lost after ");
  CHECK(got.reader->body == "data: {}\n\n");
}

TEST_CASE("an answer larger than the reader allows is stopped") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\n\r\n");
    std::string megabyte(1 << 20, 'x');
    for (int i = 0; i < 50; ++i) client.send(megabyte);
  });
  http_engine engine({1});
  auto got = start(engine, ask(server.url()), 100'000);
  check_error(got.result(), error_class::server_error, "answer_too_large",
              "larger than any answer may be");
  CHECK(got.reader->body.size() < 1'000'000);
}

TEST_CASE("headers without end are stopped") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\n");
    std::string line = "X-Filler: " + std::string(10'000, 'x') + "\r\n";
    for (int i = 0; i < 1'000; ++i) client.send(line);
    client.hang();
  });
  http_engine engine({1});
  check_error(run(engine, ask(server.url())), error_class::server_error, "answer_too_large",
              "the headers");
}

TEST_CASE("something that is not HTTP is a server error") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  });
  http_engine engine({1});
  check_error(run(engine, ask(server.url())), error_class::server_error, "not_http", "not HTTP");
}

TEST_CASE("a redirect is not followed and names where it points to") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.send(
        "HTTP/1.1 308 Permanent Redirect\r\nLocation: "
        "https://user:pw@api.example.com/v1?key=secret\r\nContent-Length: 0\r\n\r\n");
  });
  http_engine engine({1});
  auto got = run(engine, ask(server.url()));
  check_error(got, error_class::bad_request, "redirect", "308, a redirect to api.example.com;");
  CHECK_FALSE(has(got.tried.error.message, "secret"));
  CHECK_FALSE(has(got.tried.error.message, "pw"));
  CHECK(got.tried.http_status == 308);
  CHECK(server.connections() == 1);
}

TEST_CASE("a redirect without a host, or without a target, is refused too") {
  scripted_server server([](connection& client) {
    bool with_target = has(client.read_request(), "/with ");
    client.send(std::string("HTTP/1.1 302 Found\r\n") +
                (with_target ? "Location: /elsewhere\r\n" : "") + "Content-Length: 0\r\n\r\n");
  });
  http_engine engine({1});
  check_error(run(engine, ask(server.url("/with"))), error_class::bad_request, "redirect",
              "a redirect to another path of the same host");
  check_error(run(engine, ask(server.url("/without"))), error_class::bad_request, "redirect",
              "302, a redirect;");
}

TEST_CASE("an URL that is none, or of another protocol, is a bad request") {
  http_engine engine({1});
  for (auto url : {"", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://", "http://[::1/", "::"})
    check_error(run(engine, ask(url)), error_class::bad_request, "bad_url", "cannot be used");
}

TEST_CASE("a header that would break out of its line is not sent") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.answer("x");
  });
  http_engine engine({1});
  for (auto [name, value] : {std::pair{"X-A", "1\r\nX-Evil: 2"}, {"X B", "1"}, {"", "1"}}) {
    auto one = ask(server.url());
    one.request.headers.emplace_back(name, value);
    check_error(run(engine, std::move(one)), error_class::bad_request, "bad_header",
                "cannot be sent");
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("the secret never stands in an error text") {
  http_engine engine({1});
  auto one = ask("http://sk-12345.invalid/v1");
  one.secret = "sk-12345";
  auto got = run(engine, std::move(one));
  CHECK(got.tried.error.kind == error_class::transport);
  CHECK_FALSE(has(got.tried.error.message, "sk-12345"));
  CHECK(has(got.tried.error.message, "[key].invalid"));
}

// -- connections that died while they were kept ---------------------------------------------------

namespace {

/// Answers the first request of each connection; at the second it does `then`.
scripted_server::script good_once(std::atomic<int>& requests,
                                  std::function<void(connection&)> then) {
  return [&requests, then](connection& client) {
    if (client.read_request().empty()) return;
    ++requests;
    client.answer("x");
    if (client.read_request().empty()) return;
    ++requests;
    then(client);
  };
}

void check_sent_once(std::function<void(connection&)> then, std::string method, std::string body) {
  std::atomic<int> requests{0};
  scripted_server server(good_once(requests, then));
  http_engine engine({1});
  CHECK(run(engine, ask(server.url())).tried.error.kind == error_class::none);
  auto second = ask(server.url(), std::move(body));
  second.request.method = std::move(method);
  auto got = run(engine, std::move(second));
  check_error(got, error_class::transport, "stale_connection", "was not sent again");
  CHECK(has(got.tried.error.message, "closed the kept-alive connection"));
  CHECK_FALSE(got.tried.new_connection);
  CHECK(requests == 2);
  CHECK(server.connections() == 1);
  CHECK(run(engine, ask(server.url())).tried.error.kind == error_class::none);
  CHECK(requests == 3);
}

void close_it(connection&) {}
void reset_it(connection& client) { client.reset(); }

}  // namespace

TEST_CASE("a small request on a connection that is then closed is never sent twice") {
  check_sent_once(close_it, "POST", "{}");
  check_sent_once(reset_it, "POST", "{}");
}

TEST_CASE("a large request on a connection that is then closed is never sent twice") {
  check_sent_once(close_it, "POST", std::string(100'000, 'x'));
  check_sent_once(reset_it, "POST", std::string(100'000, 'x'));
}

TEST_CASE("a request without a body on a connection that is then closed is never sent twice") {
  check_sent_once(close_it, "GET", "");
  check_sent_once(reset_it, "GET", "");
}

TEST_CASE("a connection that was closed while idle is replaced before anything is sent") {
  std::atomic<int> requests{0};
  scripted_server server([&](connection& client) {
    if (client.read_request().empty()) return;
    ++requests;
    client.answer("x");
  });
  http_engine engine({1});
  for (int i = 0; i < 3; ++i) {
    CHECK(run(engine, ask(server.url())).tried.error.kind == error_class::none);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // lets the FIN arrive
  }
  CHECK(requests == 3);
  CHECK(server.connections() == 3);
}

// -- words ----------------------------------------------------------------------------------------

TEST_CASE("the host of an URL comes without user, path and query") {
  using transport::host_of;
  CHECK(host_of("https://api.example.com/v1") == "api.example.com");
  CHECK(host_of("http://u:p@h.example:8080?x=1") == "h.example:8080");
  CHECK(host_of("//cdn.example/x") == "cdn.example");
  CHECK(host_of("/only/a/path").empty());
  CHECK(host_of("") == "");
  CHECK(host_of("http://h\x01\xff.example/") == "h??.example");
}

TEST_CASE("spans are told in the unit one would say") {
  CHECK(transport::in_words(milliseconds(10'000)) == "10 s");
  CHECK(transport::in_words(milliseconds(1'500)) == "1500 ms");
  CHECK(transport::in_words(milliseconds(80)) == "80 ms");
}

// -- descriptors ----------------------------------------------------------------------------------

TEST_CASE("the engine raises the soft limit of open files to the hard one") {
  http_engine engine({1});
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  CHECK(files.rlim_cur == files.rlim_max);
}

TEST_CASE("a full descriptor table is told with its cure, and passes") {
  scripted_server server([](connection& client) {
    client.read_request();
    client.answer("x");
  });
  http_engine engine({1});
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit low{200, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &low);
  std::vector<int> filling;
  for (int fd; (fd = dup(0)) >= 0;) filling.push_back(fd);
  auto got = run(engine, ask(server.url()));
  for (int fd : filling) close(fd);
  setrlimit(RLIMIT_NOFILE, &before);
  check_error(got, error_class::transport, "too_many_open_files", "ulimit -n");
  CHECK(run(engine, ask(server.url())).tried.error.kind == error_class::none);
}
