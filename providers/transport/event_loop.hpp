#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "providers/transport/deadline_queue.hpp"
#include "providers/transport/http_engine.hpp"
#include "providers/transport/readiness.hpp"
#include "providers/transport/transfer.hpp"

namespace assay::transport {

/// One thread with one multi handle. Everything but `start`, `cancel` and `load` happens on that
/// thread; the two hand their command over through a queue and wake the loop if it sleeps.
class http_engine::loop {
 public:
  /// `under_way` counts the exchanges of all loops of the engine; it outlives the loops.
  explicit loop(std::atomic<std::size_t>& under_way);
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;
  /// Joins the thread. REQUIRES: `stop` was called on every loop of the engine.
  ~loop();

  /// Cancels what is under way. The thread goes on until no loop has an exchange left, since a
  /// `done` on one loop may start an exchange on another.
  void stop();

  /// REQUIRES: `id` is not 0 and was not used before with this loop.
  void start(std::uint64_t id, exchange);
  void cancel(std::uint64_t id);

  /// Exchanges started and not done yet.
  std::size_t load() const { return load_.load(std::memory_order_relaxed); }

 private:
  struct command {
    std::uint64_t id = 0;
    std::optional<exchange> job;  // none: cancel
  };

  void run();
  void give(command);
  bool take_commands();  // false once the engine stops
  struct callbacks;      // what curl calls
  void act();
  void begin(std::uint64_t id, exchange);
  void read_results();
  void end_overdue();
  void drain();
  void sleep();
  void abort(transfer&, const api_error&);
  void finish(transfer&, const api_error&);
  transfer& free_transfer();

  std::atomic<std::size_t>& under_way_;
  readiness readiness_;
  void* multi_;
  std::atomic<std::size_t> load_{0};

  std::mutex mutex_;  // guards the three below
  std::vector<command> inbox_;
  bool sleeping_ = false;
  bool stopping_ = false;

  // the loop's thread only
  std::vector<command> taken_;
  deadline_queue deadlines_;
  instant curl_timer_ = deadline_queue::never;  // when curl wants to be called without an event
  std::vector<std::unique_ptr<transfer>> transfers_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_id_;

  std::thread thread_;
};

}  // namespace assay::transport
