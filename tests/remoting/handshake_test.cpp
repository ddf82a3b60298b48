#include <sys/resource.h>

#include <fstream>
#include <random>

#include "tests/remoting/raw_client.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

raw_tls with(const remoting::credentials& files) { return {files.certificate, files.key}; }

/// Pages of this process that are in memory.
std::size_t resident_pages() {
  std::ifstream in("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  in >> all >> resident;
  return resident;
}

/// A right node comes in and is heard, whatever else goes on.
void check_that_others_get_in(gate& at, const members& of) {
  caller node;
  auto here = node.must_connect(at, of.of("node-1"));
  auto there = at.joined.take();
  CHECK(there.who.name == "node-1");
  converse(here, there);
}

void allow_files(rlim_t n) {
  rlimit limit;
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(n, limit.rlim_max));
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  REQUIRE(limit.rlim_cur >= n);
}

}  // namespace

TEST_SUITE("who gets into the tunnel") {
  TEST_CASE("a node with a certificate of the authority comes in under its name") {
    members of;
    gate at(of);
    check_that_others_get_in(at, of);
  }

  TEST_CASE("who has no right certificate is refused, with the reason, and others come in") {
    members of, others;
    gate at(of, {.names = {"node-1"}});
    auto refused = [&](const raw_tls& client) {
      auto seen = tls_end(at.port, client);
      return at.refused.take() + " | " + seen;
    };
    CHECK(refused({}) == "the peer showed no certificate | tlsv13 alert certificate required");
    CHECK(refused(with(others.of("node-1"))) ==
          "the peer's certificate is refused: unable to get local issuer certificate | tlsv1 alert "
          "unknown ca");
    CHECK(refused(with(of.of("node-2"))) ==
          "the name in the peer's certificate is not on the list: node-2 | sslv3 alert handshake "
          "failure");
    CHECK(refused(with(of.expired("node-3"))) ==
          "the peer's certificate is refused: certificate has expired | sslv3 alert certificate "
          "expired");
    auto old = with(of.of("node-1"));
    old.most_version = TLS1_2_VERSION;
    CHECK(refused(old) == "the peer does not speak TLS 1.3 | tlsv1 alert protocol version");
    check_that_others_get_in(at, of);
    CHECK(at.refused.empty());
    CHECK(at.joined.empty());
  }

  TEST_CASE("a peer that the caller does not want is refused") {
    members of;
    gate at(of);
    CHECK(tls_end(at.port, with(of.of("unwelcome"))) == "");
    CHECK(at.refused.take() == "not today");
    check_that_others_get_in(at, of);
  }

  TEST_CASE("what is not TLS is refused: HTTP, random bytes, nothing") {
    members of;
    gate at(of);
    auto after = [&](std::string_view bytes) {
      auto socket = connect_plain(at.port);
      // The other side may end in the midst of it.
      while (!bytes.empty()) {
        auto sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
      ::shutdown(socket.get(), SHUT_WR);
      hear(socket, 1 << 20);
      return at.refused.take();
    };
    CHECK(after("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") == "the peer speaks HTTP, not TLS");
    CHECK(after("") == "the connection was cut");
    std::mt19937 random(1);
    auto before = resident_pages();
    for (int round = 0; round < 10; ++round) {
      std::string noise(1'000'000, '\0');
      for (auto& c : noise) c = static_cast<char>(random());
      CHECK(after(noise) != "");
    }
    CHECK(resident_pages() < before + 64 * 256);
    check_that_others_get_in(at, of);
  }

  TEST_CASE("a node refuses a coordinator of another name or of another authority") {
    members of, others;
    gate at(of);
    caller node;
    auto why = [&](const expected<remoting::descriptor>& made) {
      return made ? "connected" : made.error().what;
    };
    CHECK(why(node.connect(at, of.of("node-1"), "elsewhere")) ==
          "the peer's certificate is not for the name elsewhere");
    CHECK(why(node.connect(at, others.of("node-1"))) ==
          "the peer's certificate is refused: unable to get local issuer certificate");
    // One of our nodes that plays the coordinator.
    CHECK(why(node.connect(at, of.of("node-1"), "node-1")) ==
          "the peer's certificate is not for the name node-1");
    auto first = at.refused.take();
    CHECK(first.find("alert") != std::string::npos);
  }

  TEST_CASE("an address at which nobody listens, or that is no name, is said so") {
    members of;
    auto context = remoting::tls_context::client(of.of("node-1"), now());
    REQUIRE(context);
    std::uint16_t closed = 0;
    {
      gate at(of);
      closed = at.port;
    }
    auto nobody = remoting::dial({"127.0.0.1", closed}, *context, "coordinator", patience);
    REQUIRE(!nobody);
    CHECK(nobody.error().what == "cannot be reached: Connection refused");
    auto nowhere = remoting::dial({"no-such-host.invalid", 1}, *context, "coordinator", patience);
    REQUIRE(!nowhere);
    CHECK(nowhere.error().what.starts_with("unknown host"));
  }

  TEST_CASE("a handshake that is not done in time is ended; one that is done stays") {
    members of;
    gate at(of);
    caller node;
    auto here = node.must_connect(at, of.of("node-1"));
    auto there = at.joined.take();
    auto slow = connect_plain(at.port);
    say(slow, std::string_view("\x16\x03\x01\x02", 4));  // of a ClientHello
    auto silent = connect_plain(at.port);
    // A third one that is refused at once shows that the two before it were accepted.
    hear(connect_plain(at.port), 0);
    at.refused.take();
    for (int second = 0; second < 4; ++second) {
      at.wait(1s);
      say(slow, std::string_view("\x00", 1));
    }
    CHECK(at.refused.empty());
    at.wait(2s);
    CHECK(hear(slow, 1) == "");
    CHECK(hear(silent, 1) == "");
    CHECK(at.refused.take() == "the handshake was not done after 5 s");
    CHECK(at.refused.take() == "the handshake was not done after 5 s");
    converse(here, there);
  }

  TEST_CASE("a thousand half-open connections do not keep a node out, and leave nothing behind") {
    allow_files(4096);
    members of;
    of.of("node-1");
    gate at(of);
    auto before = open_files();
    {
      std::vector<remoting::descriptor> half_open;
      for (int i = 0; i < 1000; ++i) half_open.push_back(connect_plain(at.port));
      // All but the limit of one address have been pushed out.
      for (int i = 0; i < 1000 - 64; ++i)
        CHECK(at.refused.take() == "too many handshakes were not done, this was the oldest");
      CHECK(open_files() <= before + 1000 + 64);
      check_that_others_get_in(at, of);
      CHECK(at.refused.take() == "too many handshakes were not done, this was the oldest");
      at.ended.take();
    }
    for (int i = 0; i < 63; ++i) CHECK(at.refused.take() == "the connection was cut");
    CHECK(open_files_come_to(before));
  }

  TEST_CASE("when all places are taken, one more is told so") {
    members of;
    gate at(of, {.limits = {.connections = 2}});
    caller node;
    auto a = node.must_connect(at, of.of("node-1"));
    auto in_a = at.joined.take();
    auto b = node.must_connect(at, of.of("node-2"));
    auto in_b = at.joined.take();
    auto c = node.must_connect(at, of.of("node-3"));
    CHECK(at.refused.take() == "there are 2 connections already");
    CHECK(hear(c, 1) == "");
    converse(a, in_a);
    a = {};
    in_a.local.reset();
    CHECK(at.ended.take().starts_with("node-1"));
    auto d = node.must_connect(at, of.of("node-4"));
    converse(d, at.joined.take());
  }

  TEST_CASE("addresses of both families, and the port that the system chooses") {
    members of;
    gate at(of, {}, "::1");
    CHECK(at.port != 0);
    caller node;
    auto here = node.connect(at, of.of("node-1"), "coordinator", "::1");
    REQUIRE(here);
    auto there = at.joined.take();
    CHECK(there.who.address.starts_with("[::1]:"));
    converse(*here, there);
  }
}
