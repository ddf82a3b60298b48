#include <random>

#include "bench/limits/policy.hpp"
#include "providers/limits/account.hpp"
#include "providers/limits/backoff.hpp"

namespace assay::bench {

namespace {

using headers_type = std::vector<rate_header>;

/// `limits::account`, asked by the driver as the provider actor asks it.
class account_policy final : public policy {
 public:
  account_policy(const limit_settings& told, instant start, std::uint64_t seed)
      : account_(told, start), random_(seed) {}

  waiting manner() const override { return waiting::gives_it_up; }
  bool longest_first() const override { return true; }

  instant earliest(instant now) override {
    return account_.free_slots() > 0 ? account_.earliest(request_, now) : instant::max();
  }
  void sent(instant now, bool) override { account_.admit(request_, now); }

  bool first_byte(const headers_type& headers, instant sent, instant now) override {
    if (headers.empty() || !account_.wants_headers()) return false;
    account_.headers(headers, request_, sent, now);
    return true;
  }
  void answered(const headers_type& headers, instant sent, instant now) override {
    account_.release(request_, request_, sent, now);
    if (!headers.empty()) account_.headers(headers, request_, sent, now);
    account_.accepted(request_, sent, now);
  }
  duration refused(const refusal& no, instant sent, instant now) override {
    account_.release(request_, request_, sent, now);
    if (!no.headers.empty()) account_.headers(no.headers, request_, sent, now);
    api_error error{.kind = error_class::rate_limited};
    error.retry_after = no.retry_after;
    const auto draw = std::uniform_real_distribution<>(0, 1)(random_);
    const auto backoff = limits::rate_limit_wait({}, account_.cuts_in_a_row(request_, sent), draw);
    account_.limited(error, request_, sent, now, backoff);
    return {};
  }

 private:
  const limits::charge request_{};
  limits::account account_;
  std::mt19937_64 random_;
};

}  // namespace

contender account_alone() {
  return {"assay", [](const limit_settings& told, instant start, std::uint64_t seed) {
            return std::unique_ptr<policy>(std::make_unique<account_policy>(told, start, seed));
          }};
}

}  // namespace assay::bench
