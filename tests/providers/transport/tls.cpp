#include "tests/providers/transport/certificates.hpp"
#include "tests/providers/transport/client.hpp"
#include "tests/providers/transport/scripted_server.hpp"

using namespace assay;
using namespace assay::tests;
using transport::http_engine;

namespace {

void check_untrusted(const exchange_result& got) {
  CHECK(got.tried.error.kind == error_class::transport);
  CHECK(got.tried.error.code == "tls_failed");
  CHECK_MESSAGE(has(got.tried.error.message, "no trusted TLS connection to 127.0.0.1:"),
                got.tried.error.message);
  CHECK(got.tried.at.sent == instant{});
}

struct tls_server {
  explicit tls_server(const test_authority& ca, const std::string& names)
      : context(ca.server(names)),
        server(
            [this](connection& client) {
              while (!client.read_request().empty()) {
                ++requests;
                client.answer("safe");
              }
            },
            context.get()) {}
  std::atomic<int> requests{0};
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context;
  scripted_server server;
};

transport::exchange ask_with(const tls_server& server, const std::string& ca_file) {
  auto one = ask(server.server.url());
  one.ca_file = ca_file;
  return one;
}

}  // namespace

TEST_CASE("a certificate of a known authority for the right name is accepted") {
  test_authority ca("assay test");
  tls_server server(ca, "IP:127.0.0.1");
  http_engine engine({1});
  auto got = run(engine, ask_with(server, ca.file()));
  CHECK_MESSAGE(got.tried.error.kind == error_class::none, got.tried.error.message);
  CHECK(got.reply.text == "safe");
  CHECK_FALSE(run(engine, ask_with(server, ca.file())).tried.new_connection);
}

TEST_CASE("a certificate of an unknown authority is refused, and nothing is sent") {
  test_authority ca("assay test"), other("somebody else");
  tls_server server(ca, "IP:127.0.0.1");
  http_engine engine({1});
  auto by_system = run(engine, ask_with(server, ""));
  check_untrusted(by_system);
  CHECK(has(by_system.tried.error.message, "ca_file"));
  check_untrusted(run(engine, ask_with(server, other.file())));
  CHECK(server.requests == 0);
}

TEST_CASE("trust in one exchange is not lent to the next") {
  test_authority ca("assay test");
  tls_server server(ca, "IP:127.0.0.1");
  http_engine engine({1});
  CHECK(run(engine, ask_with(server, ca.file())).reply.text == "safe");
  check_untrusted(run(engine, ask_with(server, "")));
  CHECK(run(engine, ask_with(server, ca.file())).reply.text == "safe");
  CHECK(server.requests == 2);
}

TEST_CASE("a certificate for another host is refused") {
  test_authority ca("assay test");
  tls_server server(ca, "DNS:api.example.com,IP:127.0.0.2");
  http_engine engine({1});
  check_untrusted(run(engine, ask_with(server, ca.file())));
  CHECK(server.requests == 0);
}

TEST_CASE("a ca_file that cannot be read is named as the cause") {
  test_authority ca("assay test");
  tls_server server(ca, "IP:127.0.0.1");
  http_engine engine({1});
  auto got = run(engine, ask_with(server, "/nowhere/ca.pem"));
  check_untrusted(got);
  CHECK(has(got.tried.error.message, "/nowhere/ca.pem"));
}

TEST_CASE("a server that speaks no TLS is a transport error") {
  scripted_server server([](connection& client) {
    client.read_some(100);
    client.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  http_engine engine({1});
  check_untrusted(run(engine, ask("https://127.0.0.1:" + std::to_string(server.port()) + "/")));
}
