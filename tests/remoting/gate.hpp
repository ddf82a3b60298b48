#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "remoting/dial.hpp"
#include "remoting/tunnel.hpp"
#include "tests/folder.hpp"
#include "tests/remoting/channel.hpp"

/// A tunnel that listens, with a filter that lets everything pass, and peers that come to it.
namespace assay::tests {

using namespace std::chrono_literals;

inline remoting::certificate_time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// Certificates of one authority.
struct members {
  folder at;
  members() { REQUIRE(remoting::init_authority(at.path, std::chrono::days{100}, now())); }
  remoting::credentials of(const std::string& name) const {
    auto files = remoting::credentials_in(at.path, name);
    if (!std::filesystem::exists(files.certificate))
      REQUIRE(remoting::issue_certificate(at.path, name, std::chrono::days{5}, now()));
    return files;
  }
  /// One that ran out yesterday.
  remoting::credentials expired(const std::string& name) const {
    REQUIRE(remoting::issue_certificate(at.path, name, std::chrono::days{5},
                                        now() - std::chrono::days{6}));
    return remoting::credentials_in(at.path, name);
  }
};

struct pass_all : remoting::frame_filter {
  expected<void> from_peer(std::string_view bytes, std::string& out) override {
    out += bytes;
    if (out.find("forbidden") != std::string::npos) return fail("", "a forbidden word");
    return {};
  }
  expected<void> to_peer(std::string_view bytes, std::string& out) override {
    out += bytes;
    return {};
  }
};

/// A clock that stands until it is set.
struct test_clock {
  std::atomic<std::int64_t> ms{1'000'000};
  mutable std::atomic<std::uint64_t> readings{0};
  remoting::tunnel::clock::time_point operator()() const {
    remoting::tunnel::clock::time_point time{std::chrono::milliseconds{ms.load()}};
    ++readings;
    return time;
  }
};

/// A peer that was let in: the socket that CAF would have.
struct guest {
  remoting::peer_identity who;
  remoting::descriptor local;
};

struct gate_options {
  std::vector<std::string> names = {};
  remoting::tunnel_limits limits = {};
};

struct gate {
  test_clock clock;
  channel<guest> joined;
  channel<std::string> refused, ended;
  std::unique_ptr<remoting::tunnel> tunnel;
  std::uint16_t port = 0;

  gate(const members& of, gate_options options = {}, std::string host = "127.0.0.1") {
    auto context = remoting::tls_context::server(of.of("coordinator"), options.names, now());
    if (!context) FAIL(render(context.error()));
    auto started = remoting::tunnel::start(options.limits, [this] { return clock(); });
    if (!started) FAIL(render(started.error()));
    tunnel = std::move(*started);
    remoting::door_keeper keeper;
    keeper.admit =
        [this](const remoting::peer_identity& who,
               remoting::descriptor local) -> expected<std::unique_ptr<remoting::frame_filter>> {
      if (who.name == "unwelcome") return fail("", "not today");
      joined.put({who, std::move(local)});
      return std::make_unique<pass_all>();
    };
    keeper.refused = [this](const std::string&, const problem& why) { refused.put(why.what); };
    keeper.ended = [this](const remoting::peer_identity& who, const problem& why) {
      ended.put(who.name + ": " + why.what);
    };
    auto bound = tunnel->listen({host, 0}, std::move(*context), keeper);
    if (!bound) FAIL(render(bound.error()));
    port = *bound;
  }
  ~gate() { tunnel.reset(); }

  void wait(std::chrono::milliseconds time) {
    clock.ms += time.count();
    tunnel->look_again();
  }
  /// The same; what is said afterwards is heard at the new time: the first reading may have begun
  /// before. REQUIRES: the tunnel has given somebody a time.
  void wait_until_noticed(std::chrono::milliseconds time) {
    clock.ms += time.count();
    auto noticed = clock.readings + 2;
    tunnel->look_again();
    while (clock.readings < noticed) std::this_thread::yield();
  }
  remoting::address where() const { return {"127.0.0.1", port}; }
};

/// The other side: a node's tunnel.
struct caller {
  channel<std::string> ended;
  std::unique_ptr<remoting::tunnel> tunnel;

  explicit caller(remoting::tunnel_limits limits = {}) {
    auto started = remoting::tunnel::start(limits);
    REQUIRE(started);
    tunnel = std::move(*started);
  }
  ~caller() { tunnel.reset(); }

  expected<remoting::descriptor> connect(const gate& to, const remoting::credentials& as,
                                         const std::string& name = "coordinator",
                                         const std::string& host = "127.0.0.1") {
    auto context = remoting::tls_context::client(as, now());
    if (!context) return tl::make_unexpected(context.error());
    auto stream = remoting::dial({host, to.port}, *context, name, patience);
    if (!stream) return tl::make_unexpected(stream.error());
    return tunnel->adopt(
        std::move(*stream), {name, render(to.where())}, std::make_unique<pass_all>(),
        [this](const remoting::peer_identity&, const problem& why) { ended.put(why.what); });
  }
  remoting::descriptor must_connect(const gate& to, const remoting::credentials& as) {
    auto made = connect(to, as);
    if (!made) FAIL(render(made.error()));
    return std::move(*made);
  }
};

inline void say(const remoting::descriptor& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    auto sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    REQUIRE(sent > 0);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// So many bytes, or fewer if the other side ends.
inline std::string hear(const remoting::descriptor& socket, std::size_t n) {
  std::string result;
  char bytes[65536];
  while (result.size() < n) {
    auto got = ::recv(socket.get(), bytes, std::min(sizeof bytes, n - result.size()), 0);
    if (got <= 0) break;
    result.append(bytes, static_cast<std::size_t>(got));
  }
  return result;
}

/// Both sides of a connection say something, and hear it.
inline void converse(const remoting::descriptor& here, const guest& there) {
  say(here, "to the coordinator");
  CHECK(hear(there.local, 18) == "to the coordinator");
  say(there.local, "to the node");
  CHECK(hear(here, 11) == "to the node");
}

inline std::size_t open_files() {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& x : std::filesystem::directory_iterator("/proc/self/fd")) ++n;
  return n;
}

/// Whether it comes to be so many; the last ones are closed by other threads.
inline bool open_files_come_to(std::size_t n) {
  auto until = std::chrono::steady_clock::now() + patience;
  while (open_files() != n && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  return open_files() == n;
}

}  // namespace assay::tests
