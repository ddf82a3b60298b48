#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "messages/problem.hpp"
#include "messages/units.hpp"
#include "storage/ledger.hpp"

namespace assay::app {

/// The lease of a ledger, renewed for as long as this lives.
class leadership {
 public:
  /// Leads at once, or stands by until whoever leads has ended or has been silent for five seconds.
  /// `wait` sleeps, and says whether we are to stop: then nothing is given. Problems: the ledger
  /// cannot be opened. A server that goes away later is waited for.
  static expected<std::unique_ptr<leadership>> await(const std::string& ledger,
                                                     const std::function<bool(milliseconds)>& wait);
  ~leadership();

  std::int64_t term() const { return lease_->term(); }
  /// Why we lead no more; empty while we do.
  std::string lost() const;
  /// Whether nobody else can lead yet: the lease was renewed within the patience of those who wait.
  /// A process that was stopped and goes on is not sure.
  bool is_sure() const;

 private:
  leadership(std::unique_ptr<storage::ledger>, std::unique_ptr<storage::lease>);
  void keep_renewing();

  std::unique_ptr<storage::ledger> ledger_;
  std::unique_ptr<storage::lease> lease_;
  mutable std::mutex lock_;
  std::condition_variable ending_;
  bool ended_ = false;
  std::string lost_;
  std::atomic<std::chrono::steady_clock::time_point> renewed_;
  std::thread renewing_;
};

}  // namespace assay::app
