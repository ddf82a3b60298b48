#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace assay::app {

/// Threads that are started when there is work for them, up to a limit; beyond it work waits. An
/// idle thread sleeps. Safe to use from several threads.
class threads {
 public:
  explicit threads(std::size_t limit) : limit_(limit) {}
  ~threads() { join(); }

  /// False if all threads are busy and the job has to wait.
  bool run(std::function<void()> job);
  /// Finishes what was given to it, and ends the threads.
  void join();

 private:
  void work();

  std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace assay::app
