#include <sys/socket.h>

#include "remoting/dial.hpp"
#include "tests/caf_link/desks.hpp"
#include "tests/remoting/basp_bytes.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

struct pass_all : remoting::frame_filter {
  expected<void> from_peer(std::string_view bytes, std::string& out) override {
    out += bytes;
    return {};
  }
  expected<void> to_peer(std::string_view bytes, std::string& out) override {
    out += bytes;
    return {};
  }
};

/// A member with a right certificate and its own idea of the protocol: no filter on its side.
struct hostile {
  channel<std::string> ended;
  std::unique_ptr<remoting::tunnel> tunnel;
  remoting::descriptor socket;
  std::string coordinator;  ///< its node id
  std::uint64_t desk = 0;

  hostile(const membership& members, const ::coordinator& at, const std::string& name = "node-a") {
    tunnel = std::move(*remoting::tunnel::start({}));
    auto context = remoting::tls_context::client(members.of(name), membership::now());
    REQUIRE(context);
    auto stream = remoting::dial(at.where(), *context, "coordinator", patience);
    if (!stream) FAIL(render(stream.error()));
    auto local = tunnel->adopt(
        std::move(*stream), {"coordinator", ""}, std::make_unique<pass_all>(),
        [this](const remoting::peer_identity&, const problem& why) { ended.put(why.what); });
    REQUIRE(local);
    socket = std::move(*local);
    // Header, node id, one application id, the desk.
    auto greeting = hear(32);
    auto payload = hear(static_cast<std::size_t>(number(greeting.substr(4, 4))));
    coordinator = payload.substr(0, 32);
    desk = number(payload.substr(32 + 1 + 1 + static_cast<unsigned char>(payload[33]), 8));
  }
  ~hostile() { tunnel.reset(); }

  static std::uint64_t number(std::string_view bytes) {
    std::uint64_t x = 0;
    for (unsigned char byte : bytes) x = x << 8 | byte;
    return x;
  }
  std::string hear(std::size_t n) {
    std::string result(n, '\0');
    REQUIRE(::recv(socket.get(), result.data(), n, MSG_WAITALL) == static_cast<ssize_t>(n));
    return result;
  }
  void say(std::string_view bytes) {
    while (!bytes.empty()) {
      auto sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
};

const std::string own_id = node_id(4711);

/// The text "hello" as a message to an actor.
std::string word_to(std::uint64_t actor) {
  return frame({.payload = message("@<>+@str", "\x05hello"), .source = 9, .destination = actor});
}

std::string types_to(std::uint64_t actor, std::string_view types, std::string_view values) {
  return frame({.payload = message(types, values), .source = 9, .destination = actor});
}

}  // namespace

TEST_SUITE("a hostile node") {
  TEST_CASE("speaks the protocol by hand, and is heard as long as it keeps to its desk") {
    membership members;
    ::coordinator c(members);
    hostile h(members, c);
    h.say(client_handshake(own_id) + word_to(h.desk));
    CHECK(c.seen.said.take() == "node-a: hello");
  }

  TEST_CASE("is cut off for what it may not do; nothing of it reaches an actor, and others go on") {
    membership members;
    ::coordinator c(members);
    node good(members, "node-b");
    auto its_desk = good.must_connect(c.where());
    auto of_b = caf::actor_cast<caf::strong_actor_ptr>(c.seen.desks.take());
    auto victim = c.system.spawn([](caf::event_based_actor* self) -> caf::behavior {
      self->set_default_handler(caf::drop);
      return {[](int x) { return x; }};
    });
    c.system.registry().put(caf::atom("victim"), caf::actor_cast<caf::strong_actor_ptr>(victim));
    c.system.registry().put(victim.id(), caf::actor_cast<caf::strong_actor_ptr>(victim));

    auto exit_reason =
        big_endian(9, 8) + own_id + "\x01" + big_endian(0, 8) + std::string("\0\0\3@<>", 6);
    struct wrong {
      const char* what;
      std::function<std::string(const hostile&)> bytes;
      std::string reason;
    };
    const std::vector<wrong> wrongs{
        {"kills its desk", [&](auto& h) { return types_to(h.desk, "@<>+@exit", exit_reason); },
         "a message that is not in the interface: `@<>+@exit`"},
        {"kills another actor",
         [&](auto&) { return types_to(victim.id(), "@<>+@exit", exit_reason); },
         "a message to an actor that it was not given"},
        {"speaks at another node's desk", [&](auto&) { return word_to(of_b->id()); },
         "a message to an actor that it was not given"},
        {"looks up a registered actor",
         [&](auto&) {
           return frame({.payload = message("@<>+@i32", big_endian(1, 4)),
                         .flags = 1,
                         .source = 9,
                         .destination = static_cast<std::uint64_t>(caf::atom("victim"))});
         },
         "a message to an actor by its name"},
        {"asks for a spawn",
         [&](auto&) {
           return frame({.payload = message("@<>+@atom+@str+@message", "x"),
                         .flags = 1,
                         .source = 9,
                         .destination = static_cast<std::uint64_t>(caf::atom("SpawnServ"))});
         },
         "a message to an actor by its name"},
        {"kills another node's proxies",
         [&](auto& h) {
           std::vector<char> bytes;
           caf::binary_serializer sink{good.system, bytes};
           REQUIRE(!sink(good.system.node()));
           return down({bytes.begin(), bytes.end()}, h.coordinator, 1);
         },
         "a down frame in another node's name"},
        {"sends a frame through to another node",
         [&](auto& h) {
           return frame({.operation = 3,
                         .payload = own_id + h.coordinator + message("@<>+@str"),
                         .source = 9,
                         .destination = of_b->id()});
         },
         "a message to be forwarded to another node"},
        {"announces 1 GB", [&](auto& h) { return header({.destination = h.desk}, 1u << 30); },
         "a frame of 1073741824 bytes, more than the limit of 16777216"},
        {"sends noise", [&](auto&) { return std::string(100'000, '\xee'); },
         "bytes that are not of CAF's protocol"},
    };
    for (const auto& x : wrongs) {
      CAPTURE(x.what);
      hostile h(members, c);
      h.say(client_handshake(own_id) + x.bytes(h));
      CHECK(c.seen.ended.take() == "node-a: " + x.reason);
      caf::anon_send(its_desk, greeting{"still here", 0});
      CHECK(c.seen.said.take() == "node-b: still here");
    }
    CHECK(c.seen.said.empty());
    caf::scoped_actor self{c.system};
    self->request(victim, within(patience), 5)
        .receive([](int x) { CHECK(x == 5); }, [](caf::error& e) { FAIL(caf::to_string(e)); });
    c.system.registry().erase(caf::atom("victim"));
    caf::anon_send_exit(victim, caf::exit_reason::kill);
    caf::anon_send_exit(caf::actor_cast<caf::actor>(of_b), caf::exit_reason::kill);
  }

  TEST_CASE("cannot take over the connection of another node by its node id") {
    membership members;
    ::coordinator c(members);
    node good(members, "node-b");
    auto its_desk = good.must_connect(c.where());
    caf::anon_send(its_desk, greeting{"first", 0});
    CHECK(c.seen.said.take() == "node-b: first");
    std::vector<char> id;
    caf::binary_serializer sink{good.system, id};
    REQUIRE(!sink(good.system.node()));
    hostile h(members, c);
    h.say(client_handshake({id.begin(), id.end()}, 2));
    auto why = c.seen.ended.take();
    CHECK(why.starts_with("node-a: the connection from 127.0.0.1:"));
    CHECK(why.ends_with("has the same CAF node id"));
    caf::anon_send(its_desk, greeting{"second", 0});
    CHECK(c.seen.said.take() == "node-b: second");
  }

  TEST_CASE("that says nothing, or stops in a frame, is given up by CAF's heartbeats") {
    membership members;
    ::coordinator c(members, {}, 100ms, 500ms);
    hostile h(members, c);
    h.say(client_handshake(own_id).substr(0, 40));
    CHECK(c.seen.ended.take() == "node-a: this side closed the connection");
  }
}
