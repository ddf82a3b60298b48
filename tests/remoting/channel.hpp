#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace assay::tests {

/// What a test waits for at most; no test measures time.
inline constexpr auto patience = std::chrono::seconds(30);

/// Values that one thread puts and another waits for.
template <class T>
class channel {
 public:
  void put(T x) {
    std::lock_guard lock(mutex_);
    values_.push_back(std::move(x));
    changed_.notify_all();
  }
  /// The next value; fails the test if none comes.
  T take() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, patience, [&] { return !values_.empty(); }));
    T result = std::move(values_.front());
    values_.erase(values_.begin());
    return result;
  }
  bool empty() {
    std::lock_guard lock(mutex_);
    return values_.empty();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> values_;
};

}  // namespace assay::tests
