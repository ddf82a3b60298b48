#include "bench/limits/policy.hpp"
#include "providers/limits/account.hpp"

namespace assay::bench {

namespace {

/// `limits::account`, asked by the driver as the provider actor asks it.
class account_policy final : public policy {
 public:
  account_policy(const limit_settings& told, instant start) : account_(told, start) {}

  waiting manner() const override { return waiting::gives_it_up; }
  bool longest_first() const override { return true; }

  instant earliest(instant now) override {
    return account_.free_slots() > 0 ? account_.earliest({}, now) : instant::max();
  }
  void sent(instant now, bool) override { account_.admit({}, now); }
  void answered(instant sent, instant now) override { account_.release({}, {}, sent, now); }
  duration refused(const refusal& no, instant sent, instant now) override {
    account_.release({}, {}, sent, now);
    account_.hold(now + no.retry_after.value_or(milliseconds(1000)));
    return {};
  }

 private:
  limits::account account_;
};

}  // namespace

contender account_alone() {
  return {"assay", [](const limit_settings& told, instant start, std::uint64_t) {
            return std::unique_ptr<policy>(std::make_unique<account_policy>(told, start));
          }};
}

}  // namespace assay::bench
