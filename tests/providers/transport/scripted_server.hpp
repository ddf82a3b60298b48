#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace assay::tests {

/// One accepted connection, as the script sees it.
class connection {
 public:
  connection(int fd, ssl_st* tls, std::function<void()> wait_for_end);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  /// The next request with its body; empty if the client has closed.
  std::string read_request();
  /// Up to `size` bytes, as they come.
  std::string read_some(std::size_t size);
  void send(std::string_view);
  /// A whole answer with its length.
  void answer(std::string_view body, std::string_view status = "200 OK");
  /// One chunk of a chunked body; an empty one ends it.
  void chunk(std::string_view);
  /// Ends the connection with a RST.
  void reset();
  /// Does nothing until the test is over.
  void hang() { wait_for_end_(); }

 private:
  int fd_;
  ssl_st* tls_;
  std::string rest_;
  std::function<void()> wait_for_end_;
};

/// A server on 127.0.0.1 whose every connection runs a script in a thread of its own.
class scripted_server {
 public:
  using script = std::function<void(connection&)>;

  explicit scripted_server(script, ssl_ctx_st* tls = nullptr);
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;
  ~scripted_server();

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path = "/v1/chat") const;
  int connections() const { return connections_.load(); }

 private:
  void accept_all();
  void serve(int fd);
  void wait_for_end();

  script script_;
  ssl_ctx_st* tls_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::condition_variable over_;
  bool ending_ = false;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A port of 127.0.0.1 that nobody listens on.
std::uint16_t closed_port();

}  // namespace assay::tests
