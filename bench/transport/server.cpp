#include "bench/transport/server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::string_view plain_event =
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"}}]}\n\n";

struct connection {
  std::string in;
  server_answer out;
  std::size_t sent = 0;  ///< pieces
  bool busy() const { return sent < out.pieces.size(); }
};

/// What is due: all delays of one kind are equal, so first in is first out.
struct due {
  clock::time_point when;
  int fd;
};

class server {
 public:
  server(int listener, server_manner manner, server_counts& counts)
      : listener_(listener), manner_(std::move(manner)), counts_(counts) {
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
      if (all_[fd].busy()) --counts_.in_flight;
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
    all_[fd].out = manner_.answer(std::string_view(in).substr(end + 4, length));
    all_[fd].sent = 0;
    in.clear();
    counts_.most_in_flight = std::max(counts_.most_in_flight.load(), ++counts_.in_flight);
    if (manner_.latency_ms == 0) return answer(fd);
    first_.push_back({clock::now() + std::chrono::milliseconds(manner_.latency_ms), fd});
  }

  void answer_due(std::deque<due>& queue) {
    auto now = clock::now();
    for (; !queue.empty() && queue.front().when <= now; queue.pop_front()) answer(queue.front().fd);
  }

  void answer(int fd) {
    auto& here = all_[fd];
    if (!here.busy()) return;  // closed meanwhile
    std::string out;
    if (here.sent == 0) out = head(here.out);
    do append_piece(out, here);
    while (manner_.gap_ms == 0 && here.busy());
    send(fd, out.data(), out.size(), MSG_NOSIGNAL);
    if (here.busy()) {
      next_.push_back({clock::now() + std::chrono::milliseconds(manner_.gap_ms), fd});
      return;
    }
    --counts_.in_flight;
    ++counts_.answered;
  }

  static std::string head(const server_answer& answer) {
    auto text = "HTTP/1.1 " + std::to_string(answer.status) + " -\r\n";
    if (answer.pieces.size() > 1)
      return text + "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    return text + "Content-Type: application/json\r\nContent-Length: " +
           std::to_string(answer.pieces.front().size()) + "\r\n\r\n";
  }

  static void append_piece(std::string& out, connection& here) {
    const auto& piece = here.out.pieces[here.sent++];
    if (here.out.pieces.size() == 1) {
      out += piece;
      return;
    }
    char size[16];
    out.append(size, std::snprintf(size, sizeof size, "%zx\r\n", piece.size()));
    out += piece;
    out += here.busy() ? "\r\n" : "\r\n0\r\n\r\n";
  }

  int listener_;
  int epoll_;
  server_manner manner_;
  server_counts& counts_;
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

server_counts* shared_counts() {
  auto* memory = mmap(nullptr, sizeof(server_counts), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("bench server");
    std::exit(1);
  }
  return new (memory) server_counts;
}

}  // namespace

server_answer plain_events(int count) {
  return {200, std::vector<std::string>(static_cast<std::size_t>(count), std::string(plain_event))};
}

forked_server::forked_server(server_manner manner) : counts_(shared_counts()) {
  int listener = listen_on_loopback(port_);
  child_ = fork();
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    server(listener, std::move(manner), *counts_).run();
  }
  close(listener);
}

forked_server::~forked_server() {
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
  munmap(counts_, sizeof *counts_);
}

}  // namespace assay::bench
