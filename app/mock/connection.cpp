#include "app/mock/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "remoting/address.hpp"

namespace assay::app {

namespace {

constexpr std::size_t input_size = 16 * 1024;
constexpr std::size_t output_size = 64 * 1024;
constexpr std::chrono::seconds silence{30};

/// What ppoll(2) says: positive when one of `events` is there, 0 when the time is over.
int wait_for(int socket, short events, duration at_most) {
  const auto ns = std::max<std::int64_t>(0, std::chrono::nanoseconds(at_most).count());
  const timespec limit{ns / 1'000'000'000, ns % 1'000'000'000};
  pollfd watched{socket, events, 0};
  return ::ppoll(&watched, 1, &limit, nullptr);
}

}  // namespace

connection::connection(int socket) : socket_(socket) {
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::string connection::peer() const {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  auto* general = reinterpret_cast<sockaddr*>(&from);
  return ::getpeername(socket_, general, &size) == 0 ? remoting::numeric_host(*general) : "";
}

connection::~connection() {
  ::shutdown(socket_, SHUT_RDWR);
  ::close(socket_);
}

bool connection::wait_for_input(duration at_most) { return wait_for(socket_, POLLIN, at_most) > 0; }

bool connection::wait_for_request(duration at_most) {
  if (!flush()) return false;
  return in_at_ < in_.size() || wait_for_input(at_most);
}

ssize_t connection::read(char* out, std::size_t size) {
  if (in_at_ == in_.size()) {
    if (!flush() || !wait_for_input(silence)) return -1;
    in_.resize(input_size);
    in_at_ = 0;
    const auto got = ::recv(socket_, in_.data(), in_.size(), 0);
    in_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    if (got <= 0) return got;
  }
  const auto part = std::min(size, in_.size() - in_at_);
  std::copy_n(in_.data() + in_at_, part, out);
  in_at_ += part;
  return static_cast<ssize_t>(part);
}

bool connection::write(std::string_view bytes) {
  if (dropped_) return false;
  out_.append(bytes);
  return out_.size() < output_size || flush();
}

bool connection::flush() {
  if (dropped_) return false;
  std::string_view rest = out_;
  while (!rest.empty()) {
    const auto sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) {
      drop();
      return false;
    }
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  out_.clear();
  return true;
}

bool connection::sleep_until(instant until) {
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return true;  // what comes next is written first
    if (!flush()) return false;
    if (wait_for(socket_, POLLRDHUP, until - now) > 0) {
      drop();
      return false;
    }
  }
}

void connection::drop() {
  dropped_ = true;
  out_.clear();
}

}  // namespace assay::app
