#include "bench/transport/server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace assay::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::string_view piece =
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"}}]}\n\n";

struct connection {
  std::string in;
  int pieces_left = 0;
};

/// What is due: all delays of one kind are equal, so first in is first out.
struct due {
  clock::time_point when;
  int fd;
};

class server {
 public:
  server(int listener, server_manner manner) : listener_(listener), manner_(manner) {
    epoll_ = epoll_create1(0);
    watch(listener_);
  }

  [[noreturn]] void run() {
    std::vector<epoll_event> events(1024);
    while (true) {
      int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms());
      for (int i = 0; i < n; ++i)
        if (int fd = events[i].data.fd; fd == listener_)
          accept_all();
        else
          read_from(fd);
      answer_due(first_);
      answer_due(next_);
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  int wait_ms() const {
    auto next = clock::time_point::max();
    if (!first_.empty()) next = std::min(next, first_.front().when);
    if (!next_.empty()) next = std::min(next, next_.front().when);
    if (next == clock::time_point::max()) return -1;
    auto left = std::chrono::ceil<std::chrono::milliseconds>(next - clock::now()).count();
    return left < 0 ? 0 : static_cast<int>(left);
  }

  void accept_all() {
    while (true) {
      int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (fd < 0) return;
      int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (static_cast<std::size_t>(fd) >= all_.size()) all_.resize(fd + 1024);
      all_[fd] = {};
      watch(fd);
    }
  }

  void read_from(int fd) {
    char bytes[16384];
    auto n = read(fd, bytes, sizeof bytes);
    if (n <= 0) {
      close(fd);
      all_[fd] = {};
      return;
    }
    auto& in = all_[fd].in;
    in.append(bytes, static_cast<std::size_t>(n));
    auto end = in.find("\r\n\r\n");
    if (end == std::string::npos) return;
    std::size_t length = 0;
    if (auto at = in.find("Content-Length: "); at != std::string::npos && at < end)
      length = std::strtoul(in.c_str() + at + 16, nullptr, 10);
    if (in.size() < end + 4 + length) return;
    in.clear();
    all_[fd].pieces_left = manner_.pieces;
    if (manner_.latency_ms == 0) return answer(fd);
    first_.push_back({clock::now() + std::chrono::milliseconds(manner_.latency_ms), fd});
  }

  void answer_due(std::deque<due>& queue) {
    auto now = clock::now();
    for (; !queue.empty() && queue.front().when <= now; queue.pop_front()) answer(queue.front().fd);
  }

  void answer(int fd) {
    auto& left = all_[fd].pieces_left;
    if (left == 0) return;  // closed meanwhile
    std::string out;
    if (manner_.pieces == 1) {
      out = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
      out += std::to_string(piece.size()) + "\r\n\r\n";
      out += piece;
    } else {
      if (left == manner_.pieces)
        out =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            "Transfer-Encoding: chunked\r\n\r\n";
      char size[16];
      out.append(size, std::snprintf(size, sizeof size, "%zx\r\n", piece.size()));
      out += piece;
      out += left == 1 ? "\r\n0\r\n\r\n" : "\r\n";
    }
    send(fd, out.data(), out.size(), MSG_NOSIGNAL);
    if (--left > 0) next_.push_back({clock::now() + std::chrono::milliseconds(manner_.gap_ms), fd});
  }

  int listener_;
  int epoll_;
  server_manner manner_;
  std::vector<connection> all_;
  std::deque<due> first_, next_;
};

int listen_on_loopback(std::uint16_t& port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(fd, 8192) != 0 || getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("bench server");
    std::exit(1);
  }
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

forked_server::forked_server(server_manner manner) {
  int listener = listen_on_loopback(port_);
  child_ = fork();
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    server(listener, manner).run();
  }
  close(listener);
}

forked_server::~forked_server() {
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

}  // namespace assay::bench
