#include "remoting/dial.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace assay::remoting {

namespace {

using clock = std::chrono::steady_clock;

struct endpoint {
  sockaddr_storage at{};
  socklen_t size = 0;
};

/// What a resolving thread leaves for whoever still waits.
struct resolution {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<expected<std::vector<endpoint>>> result;
};

expected<std::vector<endpoint>> resolve_now(const address& where) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  auto port = std::to_string(where.port);
  int error = ::getaddrinfo(where.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) return fail(render(where), std::string("unknown host: ") + ::gai_strerror(error));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  std::vector<endpoint> result;
  for (auto* x = found; x; x = x->ai_next) {
    endpoint one;
    one.size = static_cast<socklen_t>(std::min<std::size_t>(x->ai_addrlen, sizeof one.at));
    std::memcpy(&one.at, x->ai_addr, one.size);
    result.push_back(one);
  }
  return result;
}

expected<std::vector<endpoint>> resolve(const address& where, clock::time_point until) {
  auto shared = std::make_shared<resolution>();
  std::thread([shared, where] {
    auto found = resolve_now(where);
    std::lock_guard lock(shared->mutex);
    shared->result = std::move(found);
    shared->changed.notify_all();
  }).detach();
  std::unique_lock lock(shared->mutex);
  if (!shared->changed.wait_until(lock, until, [&] { return shared->result.has_value(); }))
    return fail(render(where), "the name could not be resolved in time");
  return *shared->result;
}

/// False when the time is up.
bool wait_for(int socket, short events, clock::time_point until) {
  while (true) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    if (left <= 0) return false;
    pollfd watched{socket, events, 0};
    int n = ::poll(&watched, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (n > 0) return true;
    if (n < 0 && errno != EINTR) return false;
  }
}

expected<descriptor> connect_to(const endpoint& to, const address& where, clock::time_point until) {
  descriptor socket(::socket(to.at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail(render(where), std::string("no socket: ") + std::strerror(errno));
  const auto* at = reinterpret_cast<const sockaddr*>(&to.at);
  int error = ::connect(socket.get(), at, to.size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    if (!wait_for(socket.get(), POLLOUT, until))
      return fail(render(where), "does not answer", "check the address and the firewall");
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error != 0)
    return fail(render(where), std::string("cannot be reached: ") + std::strerror(error),
                "check the address, and that the coordinator runs");
  int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  return socket;
}

/// Tries the host's addresses in turn; each gets its share of the time that is left.
expected<descriptor> connect_to_any(const std::vector<endpoint>& to, const address& where,
                                    clock::time_point until) {
  expected<descriptor> last = fail(render(where), "has no address");
  for (std::size_t i = 0; i < to.size(); ++i) {
    auto now = clock::now();
    auto share = (until - now) / static_cast<int>(to.size() - i);
    last = connect_to(to[i], where, now + share);
    if (last) break;
  }
  return last;
}

/// Makes a broken pipe an error of `write` on this thread. OpenSSL cannot be told so per call.
class quiet_pipes {
 public:
  quiet_pipes() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~quiet_pipes() {
    timespec at_once{};
    if (sigismember(&before_, SIGPIPE) == 0)
      while (::sigtimedwait(&pipe_, nullptr, &at_once) > 0) continue;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  quiet_pipes(const quiet_pipes&) = delete;

 private:
  sigset_t pipe_, before_;
};

}  // namespace

expected<tls_stream> dial(const address& where, const tls_context& context, const std::string& name,
                          std::chrono::milliseconds patience) {
  quiet_pipes quiet;
  auto until = clock::now() + patience;
  auto endpoints = resolve(where, until);
  if (!endpoints) return tl::make_unexpected(endpoints.error());
  auto socket = connect_to_any(*endpoints, where, until);
  if (!socket) return tl::make_unexpected(socket.error());
  auto stream = context.connect(std::move(*socket), name);
  if (!stream) return tl::make_unexpected(stream.error());
  while (true) {
    auto result = stream->handshake();
    if (result.state == io::done) return stream;
    if (result.state == io::failed) {
      auto why = stream->failure();
      why.where = render(where);
      return tl::make_unexpected(why);
    }
    if (result.state == io::ended ||
        !wait_for(stream->socket(), result.state == io::want_read ? POLLIN : POLLOUT, until))
      return fail(render(where), "did not finish the TLS handshake in time",
                  "check that a coordinator, and nothing else, listens there");
  }
}

}  // namespace assay::remoting
