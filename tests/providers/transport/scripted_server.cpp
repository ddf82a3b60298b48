#include "tests/providers/transport/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>

namespace assay::tests {

// -- connection -----------------------------------------------------------------------------------

connection::connection(int fd, ssl_st* tls, std::function<void()> wait_for_end)
    : fd_(fd), tls_(tls), wait_for_end_(std::move(wait_for_end)) {}

connection::~connection() {
  if (tls_) {
    SSL_shutdown(tls_);
    SSL_free(tls_);
  }
}

std::string connection::read_some(std::size_t size) {
  std::string bytes(size, '\0');
  auto n = tls_ ? SSL_read(tls_, bytes.data(), static_cast<int>(size))
                : static_cast<int>(::recv(fd_, bytes.data(), size, 0));
  bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return bytes;
}

std::string connection::read_request() {
  std::size_t wanted = 0;
  while (true) {
    if (auto end = rest_.find("\r\n\r\n"); end != std::string::npos && wanted == 0) {
      wanted = end + 4;
      if (auto at = rest_.find("Content-Length: "); at < end)
        wanted += std::strtoul(rest_.c_str() + at + 16, nullptr, 10);
    }
    if (wanted && rest_.size() >= wanted) break;
    auto more = read_some(16384);
    if (more.empty()) return {};
    rest_ += more;
  }
  auto request = rest_.substr(0, wanted);
  rest_.erase(0, wanted);
  return request;
}

void connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = tls_ ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                  : static_cast<int>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void connection::answer(std::string_view body, std::string_view status) {
  send("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
       "\r\n\r\n" + std::string(body));
}

void connection::chunk(std::string_view bytes) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  send(size + std::string(bytes) + "\r\n");
}

void connection::reset() {
  linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// -- server ---------------------------------------------------------------------------------------

namespace {

int listen_on_loopback(std::uint16_t& port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  listen(fd, 1024);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

scripted_server::scripted_server(script what, ssl_ctx_st* tls)
    : script_(std::move(what)), tls_(tls), listener_(listen_on_loopback(port_)) {
  signal(SIGPIPE, SIG_IGN);  // SSL_write to a client that has gone
  acceptor_ = std::thread([this] { accept_all(); });
}

scripted_server::~scripted_server() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    for (int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  over_.notify_all();
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& one : threads_) one.join();
  close(listener_);
}

std::string scripted_server::url(std::string_view path) const {
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) +
         std::string(path);
}

void scripted_server::accept_all() {
  while (true) {
    int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0 && errno == EMFILE) {  // a test fills the table of the whole process
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    if (fd < 0) return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::lock_guard lock(mutex_);
    if (ending_) {
      close(fd);
      return;
    }
    open_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void scripted_server::serve(int fd) {
  connections_.fetch_add(1);
  SSL* tls = nullptr;
  bool ready = true;
  if (tls_) {
    tls = SSL_new(tls_);
    SSL_set_fd(tls, fd);
    ready = SSL_accept(tls) == 1;
  }
  {
    connection one(fd, tls, [this] { wait_for_end(); });
    if (ready) script_(one);
  }
  std::lock_guard lock(mutex_);
  std::erase(open_, fd);
  close(fd);
}

void scripted_server::wait_for_end() {
  std::unique_lock lock(mutex_);
  over_.wait(lock, [this] { return ending_; });
}

std::uint16_t closed_port() {
  std::uint16_t port = 0;
  close(listen_on_loopback(port));
  return port;
}

}  // namespace assay::tests
