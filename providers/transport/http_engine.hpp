#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/settings.hpp"
#include "providers/dialects/dialect.hpp"
#include "providers/http.hpp"

namespace assay::transport {

/// One HTTP exchange from request to last byte. REQUIRES: `reader` and `done` are set.
struct exchange {
  http_request request;
  std::unique_ptr<dialects::answer_reader> reader;
  timeouts limits;      ///< counted from the moment the loop takes the exchange; 0: no such limit
  std::string proxy;    ///< empty: none (the environment's proxy is not used behind our back)
  std::string ca_file;  ///< empty: the system's bundle
  std::string secret;   ///< scrubbed from error texts
  bool new_connection = false;  ///< for it alone
  instant intended{};           ///< copied into the time line
  instant admitted{};           ///< copied into the time line
  std::uint64_t ticket = 0;     ///< the permit, if the exchange may be called off
  /// May be empty. Called once when the answer has begun and tells of rate limits; as `done`.
  std::function<void(early_headers)> begun;
  /// Called exactly once, on the loop's thread; must not block. May call `start` and `cancel`.
  std::function<void(exchange_result)> done;
};

struct engine_options {
  unsigned loops = 0;  ///< event loops, one thread each; 0: one per core
};

/// The HTTP client of the data plane: libcurl's multi interface, thousands of exchanges per loop,
/// no pool cap. Thread-safe. It never retries, not even on a stale connection.
class http_engine {
 public:
  explicit http_engine(engine_options = {});
  http_engine(const http_engine&) = delete;
  http_engine& operator=(const http_engine&) = delete;
  /// Stops the loops; what is under way ends as `cancelled` (its `done` is still called).
  /// REQUIRES: not called from a `done`; a `done` does not answer every `cancelled` with a `start`.
  ~http_engine();

  /// Starts an exchange. Returns a number for `cancel`.
  std::uint64_t start(exchange);

  /// Ends the exchange as `cancelled`, if it is still under way.
  void cancel(std::uint64_t id);

 private:
  class loop;
  std::atomic<std::size_t> under_way_{0};  // started, and `done` not yet returned
  std::vector<std::unique_ptr<loop>> loops_;
};

}  // namespace assay::transport
