#include "app/mock/threads.hpp"

#include <system_error>

namespace assay::app {

bool threads::run(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
  if (jobs_.size() <= idle_) {
    wake_.notify_one();
    return true;
  }
  if (threads_.size() >= limit_) return false;
  try {
    threads_.emplace_back([this] { work(); });
    return true;
  } catch (const std::system_error&) {  // the system's own limit
    return false;
  }
}

void threads::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return !jobs_.empty() || ending_; });
    --idle_;
    if (jobs_.empty()) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

void threads::join() {
  std::vector<std::thread> ended;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    ended.swap(threads_);
  }
  wake_.notify_all();
  for (auto& t : ended) t.join();
}

}  // namespace assay::app
