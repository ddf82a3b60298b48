#include "remoting/tunnel.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "remoting/tunnel_loop.hpp"

namespace assay::remoting {

namespace {

expected<descriptor> bind_to(const addrinfo& at, const std::string& where) {
  descriptor listener(::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener) return fail(where, std::string("no socket: ") + std::strerror(errno));
  int on = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(listener.get(), at.ai_addr, at.ai_addrlen) != 0 || ::listen(listener.get(), 512) != 0)
    return fail(where, std::string("cannot be listened at: ") + std::strerror(errno),
                "choose another port or an address of this machine");
  return listener;
}

expected<descriptor> listen_at(const address& where) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  auto port = std::to_string(where.port);
  int error = ::getaddrinfo(where.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0)
    return fail(render(where), std::string("unknown host: ") + ::gai_strerror(error),
                "name an address of this machine, 0.0.0.0 for all of them");
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  return bind_to(*found, render(where));
}

std::uint16_t bound_port(int listener) {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size);
  return port_of(reinterpret_cast<sockaddr&>(at));
}

}  // namespace

tunnel::tunnel(std::unique_ptr<loop> loop) : loop_(std::move(loop)) {}
tunnel::~tunnel() = default;

expected<std::unique_ptr<tunnel>> tunnel::start(tunnel_limits limits,
                                                std::function<clock::time_point()> now) {
  descriptor poll(::epoll_create1(EPOLL_CLOEXEC));
  descriptor wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!poll || !wake)
    return fail("", std::string("no tunnel could be made: ") + std::strerror(errno),
                "raise `ulimit -n`");
  return std::unique_ptr<tunnel>(
      new tunnel(std::make_unique<loop>(limits, std::move(now), std::move(poll), std::move(wake))));
}

expected<std::uint16_t> tunnel::listen(const address& where, tls_context context,
                                       door_keeper keeper) {
  auto listener = listen_at(where);
  if (!listener) return tl::make_unexpected(listener.error());
  auto port = bound_port(listener->get());
  auto shared = std::make_shared<descriptor>(std::move(*listener));
  loop_->post([loop = loop_.get(), shared, context = std::move(context),
               keeper = std::move(keeper)]() mutable {
    loop->add_door(std::move(*shared), std::move(context), std::move(keeper));
  });
  return port;
}

expected<descriptor> tunnel::adopt(tls_stream stream, peer_identity peer,
                                   std::unique_ptr<frame_filter> filter, ended tell_end) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return fail("", std::string("no local socket could be made: ") + std::strerror(errno),
                "raise `ulimit -n`");
  struct handed_over {
    tls_stream stream;
    descriptor local;
    std::unique_ptr<frame_filter> filter;
  };
  // A std::function is copied, and these are not.
  auto shared = std::make_shared<handed_over>(
      handed_over{std::move(stream), descriptor(pair[0]), std::move(filter)});
  loop_->post([loop = loop_.get(), shared, peer = std::move(peer),
               tell_end = std::move(tell_end)]() mutable {
    loop->add_link(std::move(shared->stream), std::move(peer), std::move(shared->local),
                   std::move(shared->filter), std::move(tell_end));
  });
  return descriptor(pair[1]);
}

void tunnel::end(const std::string& address, const problem& why) {
  loop_->post([loop = loop_.get(), address, why] { loop->end(address, why); });
}

void tunnel::look_again() { loop_->look_again(); }

}  // namespace assay::remoting
