#include "remoting/tunnel.hpp"

#include <poll.h>

#include <thread>

#include "tests/remoting/raw_client.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

/// A node that is connected: its socket and the coordinator's.
struct connected {
  members of;
  gate at;
  caller node;
  remoting::descriptor here;
  guest there;

  explicit connected(remoting::tunnel_limits limits = {})
      : at(of, {.limits = limits}),
        node({.buffer = limits.buffer}),
        here(node.must_connect(at, of.of("node-1"))),
        there(at.joined.take()) {}
};

std::string pattern(std::size_t n) {
  std::string result(n, '\0');
  for (std::size_t i = 0; i < n; ++i) result[i] = static_cast<char>(i * 31 + i / 251);
  return result;
}

/// Writes until no more is taken; how much was.
std::size_t fill(const remoting::descriptor& socket) {
  std::string bytes(65536, 'x');
  std::size_t taken = 0;
  pollfd room{socket.get(), POLLOUT, 0};
  while (::poll(&room, 1, 500) == 1) {
    auto sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) taken += static_cast<std::size_t>(sent);
    REQUIRE(taken < 200'000'000);
  }
  return taken;
}

}  // namespace

TEST_SUITE("the tunnel") {
  TEST_CASE("bytes arrive whole and in order, both ways at once") {
    connected x;
    auto bytes = pattern(20'000'000);
    std::thread one([&] { say(x.here, bytes); });
    std::thread other([&] { say(x.there.local, bytes); });
    std::string heard_here;
    std::thread third([&] { heard_here = hear(x.here, bytes.size()); });
    auto heard_there = hear(x.there.local, bytes.size());
    one.join(), other.join(), third.join();
    CHECK(heard_there == bytes);
    CHECK(heard_here == bytes);
  }

  TEST_CASE("who does not read makes the sender wait, and holds up nobody else") {
    connected x({.buffer = 64 * 1024});
    auto taken = fill(x.here);
    caller second;
    auto here = second.must_connect(x.at, x.of.of("node-2"));
    converse(here, x.at.joined.take());
    say(x.there.local, "other direction");
    CHECK(hear(x.here, 15) == "other direction");
    CHECK(hear(x.there.local, taken).size() == taken);
  }

  TEST_CASE("one side ends, and what it said before still arrives") {
    for (bool node_ends : {true, false}) {
      CAPTURE(node_ends);
      connected x;
      auto bytes = pattern(3'000'000);
      auto& from = node_ends ? x.here : x.there.local;
      auto& to = node_ends ? x.there.local : x.here;
      std::thread talking([&] {
        say(from, bytes);
        ::shutdown(from.get(), SHUT_WR);
      });
      CHECK(hear(to, bytes.size() + 1) == bytes);
      talking.join();
      say(to, "answer after the end");
      ::shutdown(to.get(), SHUT_WR);
      CHECK(hear(from, 1000) == "answer after the end");
      CHECK(x.at.ended.take() == (node_ends ? "node-1: the peer closed the connection"
                                            : "node-1: this side closed the connection"));
      CHECK(x.node.ended.take() ==
            (node_ends ? "this side closed the connection" : "the peer closed the connection"));
    }
  }

  TEST_CASE("a side that has ended waits for the other one for a while, not for ever") {
    connected x;
    ::shutdown(x.here.get(), SHUT_WR);
    CHECK(hear(x.there.local, 1) == "");
    x.at.wait(4s);
    say(x.there.local, "still here");
    CHECK(hear(x.here, 10) == "still here");
    x.at.wait(2s);
    // Over on the coordinator's side only when its local side has let go.
    CHECK(hear(x.here, 1) == "");
    CHECK(x.at.ended.empty());
    x.there.local.reset();
    CHECK(x.at.ended.take() ==
          "node-1: the peer closed the connection, and the other direction did not end in time");
  }

  TEST_CASE("that the local side has gone is told at once, though the peer does not end") {
    connected x;
    x.there.local.reset();
    CHECK(x.at.ended.take() == "node-1: this side closed the connection");
    CHECK(hear(x.here, 1) == "");
    x.at.wait(6s);
    x.here.reset();
    CHECK(x.node.ended.take() == "the peer closed the connection");
    CHECK(x.at.ended.empty());
  }

  TEST_CASE("a peer that is silent too long is given up; one that speaks is not") {
    connected x({.idle = 3s});
    for (int second = 0; second < 6; second += 2) {
      say(x.here, "beat");
      CHECK(hear(x.there.local, 4) == "beat");
      x.at.wait_until_noticed(2s);
    }
    CHECK(x.at.ended.empty());
    x.at.wait(2s);
    CHECK(hear(x.there.local, 1) == "");
    x.there.local.reset();
    CHECK(x.at.ended.take() == "node-1: nothing was heard from the peer for 3 s");
  }

  TEST_CASE("a peer that speaks and takes nothing is given up") {
    connected x({.idle = 3s, .buffer = 64 * 1024});
    std::string bytes(65536, 'x');
    int beats = 0;
    for (; beats < 200; ++beats) {
      while (::send(x.there.local.get(), bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) continue;
      say(x.here, "beat");
      if (hear(x.there.local, 4) != "beat") break;
      x.at.wait_until_noticed(2s);
    }
    CHECK(beats < 200);
    x.there.local.reset();
    CHECK(x.at.ended.take() == "node-1: the peer has taken nothing for 3 s");
  }

  TEST_CASE("a filter's refusal ends that connection at once, and no other") {
    connected x;
    caller second;
    auto here = second.must_connect(x.at, x.of.of("node-2"));
    auto there = x.at.joined.take();
    say(x.here, "a forbidden word");
    CHECK(hear(x.there.local, 1) == "");
    CHECK(hear(x.here, 1) == "");
    x.there.local.reset();
    CHECK(x.at.ended.take() == "node-1: a forbidden word");
    converse(here, there);
  }

  TEST_CASE("a connection is over only when the local side has let go of it") {
    connected x;
    x.node.tunnel.reset();
    CHECK(hear(x.there.local, 1) == "");
    CHECK(x.at.ended.empty());
    x.there.local.reset();
    CHECK(x.at.ended.take().starts_with("node-1: "));
  }

  TEST_CASE("a local side that goes away ends the connection, unread bytes or not") {
    connected x;
    say(x.there.local, "nobody reads this");
    CHECK(hear(x.here, 6) == "nobody");
    x.here.reset();
    CHECK(hear(x.there.local, 1) == "");
    x.there.local.reset();
    x.at.ended.take();
    x.node.ended.take();
  }

  TEST_CASE("a hundred connections come and go, and leave no descriptor behind") {
    members of;
    gate at(of);
    caller node;
    auto files = of.of("node-1");
    auto before = open_files();
    for (int round = 0; round < 100; ++round) {
      auto here = node.must_connect(at, files);
      auto there = at.joined.take();
      if (round % 10 == 0) converse(here, there);
      here.reset();
      there.local.reset();
      at.ended.take();
      node.ended.take();
    }
    CHECK(open_files_come_to(before));
  }

  TEST_CASE("a tunnel that stops ends its connections and tells of them") {
    members of;
    auto before = open_files();
    {
      gate at(of);
      caller node;
      auto here = node.must_connect(at, of.of("node-1"));
      auto there = at.joined.take();
      at.tunnel.reset();
      CHECK(at.ended.take() == "node-1: this side has stopped");
      CHECK(hear(here, 1) == "");
      CHECK(hear(there.local, 1) == "");
    }
    CHECK(open_files_come_to(before));
  }
}

TEST_SUITE("addresses") {
  TEST_CASE("HOST:PORT is read and written, with brackets around IPv6") {
    for (auto text : {"10.0.0.5:7400", "coordinator.example:0", "[::1]:65535"}) {
      auto read = remoting::parse_address(text);
      REQUIRE(read);
      CHECK(render(*read) == text);
    }
    CHECK(remoting::parse_address("[fe80::1]:7400")->host == "fe80::1");
  }

  TEST_CASE("what is not an address is said so") {
    auto what = [](const char* text) { return remoting::parse_address(text).error().what; };
    CHECK(what("host") == "has no port");
    CHECK(what("::1:7400") == "is an IPv6 address without brackets");
    CHECK(what(":7400") == "has no host");
    CHECK(what("[]:7400") == "has no host");
    CHECK(what("http://host:7400") == "has no host");
    for (auto text : {"host:", "host:65536", "host:-1", "host:7x"})
      CHECK(what(text) == "has a port that is not a number from 0 to 65535");
  }
}
