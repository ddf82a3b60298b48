#include "remoting/basp_frames.hpp"

#include <doctest/doctest.h>

#include "tests/remoting/basp_bytes.hpp"

using namespace assay;
using namespace assay::tests;
using remoting::basp_filter;
using remoting::basp_rules;
using remoting::basp_side;

namespace {

const std::string ours = node_id(1), theirs = node_id(2), third = node_id(3);
constexpr std::uint64_t desk = 6, worker = 7;

basp_rules rules() { return {.own_node = ours, .messages = {"@<>+@atom+joined", "@<>+@str"}}; }

/// A coordinator's filter after both handshakes; the peer was given the desk.
struct connection {
  basp_filter filter;
  std::string in, out;

  explicit connection(basp_rules with = rules()) : filter(basp_side::coordinator, std::move(with)) {
    REQUIRE(filter.to_peer(server_handshake(ours, desk), out));
    REQUIRE(filter.from_peer(client_handshake(theirs), in));
    in.clear(), out.clear();
  }
  /// Why the frame is refused, or `passed`, or `dropped`.
  std::string tell(const std::string& bytes) {
    in.clear();
    auto result = filter.from_peer(bytes, in);
    if (!result) {
      CHECK(in.empty());
      return result.error().what;
    }
    return in.empty() ? "dropped" : in == bytes ? "passed" : "changed";
  }
};

std::string say(std::string_view types, std::string_view values = "values") {
  return frame({.payload = message(types, values), .source = worker, .destination = desk});
}

std::string error_with(std::string_view types) {
  return say("@<>+@error", "\x01" + big_endian(0xfe3ee39ab2, 8) + std::string(2, '\0') +
                               static_cast<char>(types.size()) + std::string(types) + "rest");
}

}  // namespace

TEST_SUITE("frames of CAF") {
  TEST_CASE("a node's handshakes, messages, heartbeats, monitors and downs pass unchanged") {
    connection c;
    CHECK(c.tell(client_handshake(theirs, 2)) == "passed");
    CHECK(c.tell(say("@<>+@atom+joined", std::string(5000, 'v'))) == "passed");
    CHECK(c.tell(say("@<>+@str")) == "passed");
    CHECK(c.tell(error_with("@<>")) == "passed");
    CHECK(c.tell(error_with("@<>+@str+@i32")) == "passed");
    CHECK(c.tell(heartbeat()) == "passed");
    CHECK(c.tell(monitor(theirs, ours, desk)) == "passed");
    CHECK(c.tell(down(theirs, ours, worker)) == "passed");
  }

  TEST_CASE("the handshake that CAF was seen to write is understood") {
    // Captured: operation 1, payload `default`, process 19270, host BFFADF3A...4401.
    std::string captured(
        "\x01\0\0\0\0\0\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0>\x9a\xab\x9b\xacy\0\0KF\xbf\xfa\xdf:\xc9\xf1\x14/dF\xca"
        "pl\x9b\xb0\xf6\x9b\x11"
        "D\x01",
        64);
    basp_filter filter(basp_side::coordinator, rules());
    std::string in;
    CHECK(filter.from_peer(captured, in));
    CHECK(in == captured);
    CHECK(filter.peer_node() == captured.substr(32));
  }

  TEST_CASE("where the stream is cut makes no difference") {
    std::string stream = client_handshake(theirs, 2) +
                         say("@<>+@atom+joined", std::string(300, 'v')) + heartbeat() +
                         monitor(theirs, ours, desk) + error_with("@<>+@str") +
                         down(theirs, ours, worker) + say("@<>+@str");
    for (std::size_t piece = 1; piece < 120; ++piece) {
      connection c;
      for (std::size_t at = 0; at < stream.size(); at += piece)
        REQUIRE(c.filter.from_peer(stream.substr(at, piece), c.in));
      CHECK(c.in == stream);
    }
  }

  TEST_CASE("nothing of a frame passes before it has been judged") {
    connection c;
    auto bytes = say("@<>+@exit");
    for (char byte : bytes) {
      auto result = c.filter.from_peer({&byte, 1}, c.in);
      CHECK(c.in.empty());
      if (!result) break;
    }
  }

  TEST_CASE("what a node may not send is refused, with the reason") {
    struct wrong {
      std::string what;
      std::string bytes, reason;
    };
    const std::string interface = "a message that is not in the interface: ";
    auto named = frame({.payload = message("@<>+@atom+@atom+@str"),
                        .flags = 1,
                        .source = worker,
                        .destination = 0x03ddd66f3376adfb});
    auto staged =
        frame({.payload = "\x01" + message("@<>+@str"), .source = worker, .destination = desk});
    const wrong wrongs[] = {
        {"exit", say("@<>+@exit"), interface + "`@<>+@exit`"},
        {"down", say("@<>+@down"), interface + "`@<>+@down`"},
        {"link", say("@<>+@atom+@strong_actor_ptr"), interface + "`@<>+@atom+@strong_actor_ptr`"},
        {"a subset", say("@<>+@atom"), interface + "`@<>+@atom`"},
        {"nothing", say("@<>"), interface + "`@<>`"},
        {"no type list", frame({.payload = std::string("\0\0\1abcdef", 9), .destination = desk}),
         interface + "``"},
        {"a long type list",
         frame({.payload = std::string("\0\0\0\xc8\x01", 5) + std::string(200, 'x'),
                .destination = desk}),
         interface + "``"},
        {"look-up", named, "a message to an actor by its name"},
        {"another's desk", frame({.payload = message("@<>+@str"), .destination = 8}),
         "a message to an actor that it was not given"},
        {"stages", staged, "a message to be passed on to further actors"},
        {"routed", frame({.operation = 3, .payload = theirs + ours + message("@<>+@str")}),
         "a message to be forwarded to another node"},
        {"an actor in an error", error_with("@<>+@strong_actor_ptr"),
         "an error with values of an unusual type"},
        {"an error in an error", error_with("@<>+@error"),
         "an error with values of an unusual type"},
        {"an actor in a down", down(theirs, ours, worker, "@<>+@actor"),
         "an error with values of an unusual type"},
        {"down of another node's actor", down(third, ours, worker),
         "a down frame in another node's name"},
        {"down to be forwarded", down(theirs, third, worker),
         "a down frame in another node's name"},
        {"monitor for another node", monitor(third, ours, desk),
         "a monitor frame in another node's name"},
        {"monitor to be forwarded", monitor(theirs, third, desk),
         "a monitor frame in another node's name"},
        {"monitor of any actor", monitor(theirs, ours, 8),
         "a monitor frame for an actor that it was not given"},
        {"monitor with more",
         frame({.operation = 4, .payload = theirs + ours + "x", .destination = desk}),
         "a monitor frame that is not CAF's"},
        {"a second node id", client_handshake(third), "a handshake under a second node id"},
        {"server's handshake", server_handshake(theirs, 9),
         "a handshake that only a coordinator sends"},
        {"heartbeat with content", frame({.operation = 6, .payload = "x"}),
         "a heartbeat with a content"},
        {"operation", frame({.operation = 7}), "bytes that are not of CAF's protocol"},
        {"flags", frame({.payload = message("@<>+@str"), .flags = 4, .destination = desk}),
         "bytes that are not of CAF's protocol"},
        {"padding", std::string("\2\1\0\0", 4) + std::string(28, '\0'),
         "bytes that are not of CAF's protocol"},
        {"cut short", frame({.payload = message("@<>+@str").substr(0, 6), .destination = desk}),
         "a frame that is shorter than its content"},
        {"empty", frame({.destination = desk}), "a frame that is shorter than its content"},
        {"1 GB", header({.destination = desk}, 1u << 30),
         "a frame of 1073741824 bytes, more than the limit of 16777216"},
    };
    for (const auto& x : wrongs) {
      CAPTURE(x.what);
      connection c;
      CHECK(c.tell(x.bytes) == x.reason);
    }
  }

  TEST_CASE("before the handshake nothing else passes, and only a fitting node id is met") {
    auto first = [](const std::string& bytes) {
      basp_filter filter(basp_side::coordinator, rules());
      std::string in;
      auto result = filter.from_peer(bytes, in);
      return result ? "passed" : result.error().what;
    };
    CHECK(first(client_handshake(theirs)) == "passed");
    CHECK(first(heartbeat()) == "a frame before the handshake");
    CHECK(first(say("@<>+@str")) == "a frame before the handshake");
    CHECK(first(client_handshake(ours)) == "a handshake under this side's own node id");
    CHECK(first(client_handshake(node_id(0))) == "a handshake without a valid node id");
    CHECK(first(client_handshake(std::string(32, '\0'))) == "a handshake without a valid node id");
    CHECK(first(client_handshake("short")) == "a handshake that is not CAF's");
    CHECK(first(client_handshake(theirs, 1)) == "a handshake that is not CAF's");
  }

  TEST_CASE("a node id that the caller does not want is refused") {
    auto with = rules();
    with.meet = [](std::string_view id) -> expected<void> {
      if (id == theirs) return fail("", "known already");
      return {};
    };
    basp_filter filter(basp_side::coordinator, with);
    std::string in;
    auto result = filter.from_peer(client_handshake(theirs), in);
    REQUIRE(!result);
    CHECK(result.error().what == "known already");
    CHECK(in.empty());
  }

  TEST_CASE("CAF's client sends its handshake twice, and not more often") {
    connection c;
    CHECK(c.tell(client_handshake(theirs, 2)) == "passed");
    CHECK(c.tell(client_handshake(theirs, 2)) == "a third handshake");
  }

  TEST_CASE("an actor that has spoken to the peer may be answered") {
    connection c;
    auto reply = frame({.payload = message("@<>+@str"), .source = worker, .destination = 8});
    CHECK(c.tell(reply) == "a message to an actor that it was not given");
    connection d;
    REQUIRE(d.filter.to_peer(
        frame({.payload = message("@<>+@str"), .source = 8, .destination = worker}), d.out));
    CHECK(d.tell(reply) == "passed");
  }

  TEST_CASE("this side's look-ups of remote actors go nowhere, and give nothing out") {
    connection c;
    auto lookup = frame({.payload = message("@<>+@atom+@atom+@str"),
                         .flags = 1,
                         .source = 9,
                         .destination = 0x03ddd66f3376adfb});
    REQUIRE(c.filter.to_peer(lookup + heartbeat(), c.out));
    CHECK(c.out == heartbeat());
    CHECK(c.tell(frame({.payload = message("@<>+@str"), .destination = 9})) ==
          "a message to an actor that it was not given");
  }

  TEST_CASE("an actor is monitored once, until it has ended") {
    connection c;
    CHECK(c.tell(monitor(theirs, ours, desk)) == "passed");
    CHECK(c.tell(monitor(theirs, ours, desk)) == "dropped");
    REQUIRE(c.filter.to_peer(down(ours, theirs, desk), c.out));
    CHECK(c.tell(monitor(theirs, ours, desk)) == "passed");
  }

  TEST_CASE("a node has so many actors and no more; one that has ended makes room") {
    auto with = rules();
    with.max_senders = 2;
    auto from = [](std::uint64_t actor) {
      return frame({.payload = message("@<>+@str"), .source = actor, .destination = desk});
    };
    connection c(with);
    for (auto actor : {1, 2, 1, 2}) CHECK(c.tell(from(actor)) == "passed");
    CHECK(c.tell(down(theirs, ours, 1)) == "passed");
    CHECK(c.tell(from(3)) == "passed");
    CHECK(c.tell(from(4)) == "messages from more than 2 actors");
  }

  TEST_CASE("a node takes its coordinator's handshake first, once, and the interface's messages") {
    auto taken = [](const std::string& bytes) {
      basp_filter filter(basp_side::node, rules());
      std::string in, out;
      REQUIRE(filter.to_peer(client_handshake(ours), out));
      REQUIRE(filter.to_peer(
          frame({.payload = message("@<>+@str"), .source = 5, .destination = desk}), out));
      auto result = filter.from_peer(bytes, in);
      return result ? "passed" : result.error().what;
    };
    auto hello = server_handshake(theirs, desk);
    auto word = frame({.payload = message("@<>+@str"), .source = desk, .destination = 5});
    CHECK(taken(hello + word) == "passed");
    CHECK(taken(word) == "a frame before the handshake");
    CHECK(taken(hello + hello) == "a second handshake");
    CHECK(taken(client_handshake(theirs)) == "a handshake that only a node sends");
    CHECK(
        taken(hello + frame({.payload = message("@<>+@exit"), .source = desk, .destination = 5})) ==
        "a message that is not in the interface: `@<>+@exit`");
  }

  TEST_CASE("a message of this side that the peer would not take is named here") {
    auto with = rules();
    with.max_payload = 1000;
    connection c(with);
    auto result = c.filter.to_peer(header({.destination = worker}, 1001), c.out);
    REQUIRE(!result);
    CHECK(result.error().what ==
          "this side has a message of 1001 bytes, more than the limit of 1000");
  }
}
