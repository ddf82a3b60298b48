#include <algorithm>
#include <cmath>
#include <random>

#include "bench/limits/policy.hpp"

namespace assay::bench {

bool policy::first_byte(const std::vector<rate_header>&, instant, instant) { return false; }

namespace {

using std::chrono::ceil;
using headers = std::vector<rate_header>;

/// The wait of the widespread SDKs: Retry-After in whole seconds, else 0.5 s doubled up to 8 s,
/// less up to a quarter. The number of retries is not bounded here: a run must end.
class sdk_retry {
 public:
  explicit sdk_retry(std::uint64_t seed) : random_(seed) {}

  duration wait(const refusal& no) {
    if (no.retry_after) return ceil<std::chrono::seconds>(*no.retry_after);
    const double base = std::min(8.0, 0.5 * std::pow(2.0, std::min(no.times - 1, 10)));
    return from_seconds(base * std::uniform_real_distribution<>(0.75, 1.0)(random_));
  }

 private:
  std::mt19937_64 random_;
};

/// A pool of so many workers; a refused one sleeps on its place.
class fixed_pool : public policy {
 public:
  fixed_pool(double size, std::uint64_t seed) : size_(size), retry_(seed) {}

  waiting manner() const override { return waiting::keeps_its_place; }
  instant earliest(instant now) override {
    return busy_ < static_cast<int>(size_) ? now : instant::max();
  }
  void sent(instant, bool again) override { busy_ += again ? 0 : 1; }
  void answered(const headers&, instant, instant) override { --busy_; }
  duration refused(const refusal& no, instant, instant) override { return retry_.wait(no); }

 protected:
  double size_;
  int busy_ = 0;
  sdk_retry retry_;
};

/// Additive increase, multiplicative decrease: from 20, within 20 ... 200; a drop takes 10 %, an
/// answer adds one while at least half of the limit is in use.
class aimd final : public fixed_pool {
 public:
  explicit aimd(std::uint64_t seed) : fixed_pool(20, seed) {}

  void answered(const headers& h, instant sent, instant now) override {
    if (2 * busy_ >= static_cast<int>(size_)) size_ = std::min(200.0, size_ + 1);
    fixed_pool::answered(h, sent, now);
  }
  duration refused(const refusal& no, instant sent, instant now) override {
    size_ = std::max(20.0, size_ * 0.9);
    return fixed_pool::refused(no, sent, now);
  }
};

/// Connections that double in each full round from 20 up to 200 until the first 429; that and any
/// later one takes a fifth, at most every 15 s; afterwards each full round adds 5 %.
class adaptive_connections final : public fixed_pool {
 public:
  explicit adaptive_connections(std::uint64_t seed) : fixed_pool(20, seed) {}

  void answered(const headers& h, instant sent, instant now) override {
    const bool full = busy_ >= static_cast<int>(size_);
    if (!full && sent > round_began_) round_was_full_ = false;
    fixed_pool::answered(h, sent, now);
    if (++answers_ < static_cast<int>(size_)) return;
    if (round_was_full_) size_ = std::min(200.0, slow_start_ ? size_ * 2 : size_ * 1.05 + 0.5);
    begin_round(now);
  }
  duration refused(const refusal& no, instant sent, instant now) override {
    slow_start_ = false;
    if (last_cut_ == instant{} || now - last_cut_ >= std::chrono::seconds(15)) {
      size_ = std::max(1.0, size_ * 0.8);
      last_cut_ = now;
    }
    begin_round(now);
    return fixed_pool::refused(no, sent, now);
  }

 private:
  void begin_round(instant now) {
    answers_ = 0;
    round_began_ = now;
    round_was_full_ = true;
  }

  bool slow_start_ = true;
  bool round_was_full_ = true;
  int answers_ = 0;
  instant round_began_{};
  instant last_cut_{};
};

/// The adaptive mode of the AWS SDKs: a token bucket at the client whose rate follows a cubic curve
/// after each throttle, and a backoff of rand() * 2^i s up to 20 s. Its retry quota is left out:
/// tasks would fail. Up to 200 requests in flight.
class aws_adaptive final : public policy {
 public:
  aws_adaptive(instant start, std::uint64_t seed)
      : filled_(start), bucket_began_(start), start_(start), last_fail_(start), random_(seed) {}

  waiting manner() const override { return waiting::gives_it_up; }

  instant earliest(instant now) override {
    if (busy_ >= 200) return instant::max();
    if (!throttled_once_) return now;
    refill(now);
    if (tokens_ >= 1 - 1e-9) return now;
    return now + from_seconds((1 - tokens_) / fill_) + duration{1};
  }
  void sent(instant now, bool) override {
    ++busy_;
    refill(now);
    tokens_ -= 1;
  }
  void answered(const headers&, instant, instant now) override {
    --busy_;
    measure(now);
    const double t = seconds(now - last_fail_) - k();
    set_rate(0.4 * t * t * t + w_max_, now);
  }
  duration refused(const refusal& no, instant, instant now) override {
    --busy_;
    measure(now);
    w_max_ = throttled_once_ ? std::min(measured_, fill_) : measured_;
    last_fail_ = now;
    throttled_once_ = true;
    set_rate(0.7 * w_max_, now);
    const double most = std::min(20.0, std::pow(2.0, std::min(no.times - 1, 10)));
    return from_seconds(std::uniform_real_distribution<>(0, most)(random_));
  }

 private:
  double k() const { return std::cbrt(w_max_ * 0.3 / 0.4); }

  void measure(instant now) {
    ++count_;
    const auto bucket = start_ + (now - start_) / milliseconds(500) * milliseconds(500);
    if (bucket <= bucket_began_) return;
    measured_ = 0.8 * count_ / seconds(bucket - bucket_began_) + 0.2 * measured_;
    count_ = 0;
    bucket_began_ = bucket;
  }
  void set_rate(double rate, instant now) {
    refill(now);
    fill_ = std::max(0.5, std::min(rate, 2 * measured_));
    tokens_ = std::min(tokens_, std::max(1.0, fill_));
  }
  void refill(instant now) {
    tokens_ = std::min(std::max(1.0, fill_), tokens_ + fill_ * seconds(now - filled_));
    filled_ = now;
  }

  int busy_ = 0;
  bool throttled_once_ = false;
  double tokens_ = 1;
  double fill_ = 0.5;
  instant filled_;
  double measured_ = 0;
  int count_ = 0;
  instant bucket_began_;
  instant start_;
  double w_max_ = 0.5;
  instant last_fail_;
  std::mt19937_64 random_;
};

template <int Size>
std::unique_ptr<policy> make_fixed(const limit_settings&, instant, std::uint64_t seed) {
  return std::make_unique<fixed_pool>(Size, seed);
}

}  // namespace

std::vector<contender> peers() {
  return {{"fixed-20", make_fixed<20>},
          {"fixed-100", make_fixed<100>},
          {"aimd",
           [](const limit_settings&, instant, std::uint64_t seed) -> std::unique_ptr<policy> {
             return std::make_unique<aimd>(seed);
           }},
          {"aws-adaptive",
           [](const limit_settings&, instant start, std::uint64_t seed) -> std::unique_ptr<policy> {
             return std::make_unique<aws_adaptive>(start, seed);
           }},
          {"adaptive-connections",
           [](const limit_settings&, instant, std::uint64_t seed) -> std::unique_ptr<policy> {
             return std::make_unique<adaptive_connections>(seed);
           }}};
}

}  // namespace assay::bench
