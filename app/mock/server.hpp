#pragma once

#include <memory>
#include <string>
#include <vector>

#include "messages/problem.hpp"
#include "messages/sample.hpp"
#include "messages/settings.hpp"

namespace assay::app {

/// A simulated provider as a real HTTP server, on 127.0.0.1 unless told otherwise:
/// `simulated::service` behind sockets. Each connection holds a thread while it is open; threads
/// are started when needed, so a server that nobody asks costs one. Stops when destroyed.
class mock_server {
 public:
  struct options {
    int port = 0;                       ///< 0: any free one
    std::string truth_file;             ///< JSONL, a line an arrival, appended; empty: none
    std::size_t max_connections = 512;  ///< more wait for one to close; the log says so
    std::string address = "127.0.0.1";  ///< of this machine, where it listens
  };

  /// `samples`: what it knows the right answers of (see `mock_samples`).
  static expected<mock_server> start(mock_settings, std::vector<sample> samples, options);
  static expected<mock_server> start(mock_settings settings, std::vector<sample> samples) {
    return start(std::move(settings), std::move(samples), options{});
  }

  mock_server(mock_server&&) noexcept;
  mock_server& operator=(mock_server&&) noexcept;
  ~mock_server();

  const std::string& name() const;
  /// `http://ADDRESS:PORT`, to be followed by `/v1/...`.
  std::string url() const;
  /// Breaks off what is in progress and waits for its threads. May be called twice.
  void stop();

 private:
  class listener;
  explicit mock_server(std::unique_ptr<listener>);
  std::unique_ptr<listener> listener_;
};

/// All samples of the datasets that the mock knows, whatever limit an experiment sets on them.
checked<std::vector<sample>> mock_samples(const settings&, const mock_settings&);

}  // namespace assay::app
