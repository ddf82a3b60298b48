#include "app/nodes/leadership.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace assay::app {

using namespace std::chrono_literals;

namespace {

constexpr auto renew_every = 1s;
/// A leader that has not renewed its lease for so long is overtaken.
constexpr milliseconds patience{5'000};

/// Says what we wait for, once per reason.
class standby_notice {
 public:
  void say(const std::string& reason) {
    if (std::exchange(said_, reason) != reason) spdlog::warn("standby reason=\"{}\"", reason);
  }

 private:
  std::string said_;
};

}  // namespace

leadership::leadership(std::unique_ptr<storage::ledger> ledger,
                       std::unique_ptr<storage::lease> lease)
    : ledger_(std::move(ledger)),
      lease_(std::move(lease)),
      renewed_(std::chrono::steady_clock::now()),
      renewing_([this] { keep_renewing(); }) {}

leadership::~leadership() {
  {
    std::lock_guard hold(lock_);
    ended_ = true;
  }
  ending_.notify_all();
  renewing_.join();
}

std::string leadership::lost() const {
  std::lock_guard hold(lock_);
  return lost_;
}

bool leadership::is_sure() const {
  return std::chrono::steady_clock::now() - renewed_.load() < patience;
}

void leadership::keep_renewing() {
  std::unique_lock hold(lock_);
  while (!ending_.wait_for(hold, renew_every, [this] { return ended_; })) {
    hold.unlock();
    auto asked = std::chrono::steady_clock::now();
    auto renewed = lease_->renew();
    if (renewed) renewed_ = asked;
    hold.lock();
    if (renewed || lease_->unreachable()) continue;
    lost_ = render(renewed.error());
    return;
  }
}

expected<std::unique_ptr<leadership>> leadership::await(
    const std::string& where, const std::function<bool(milliseconds)>& wait) {
  auto ledger = storage::open_ledger(where);
  if (!ledger) return tl::make_unexpected(ledger.error());
  standby_notice notice;
  do {
    auto tried = (*ledger)->lead(patience);
    if (tried && tried->lease)
      return std::unique_ptr<leadership>(
          new leadership(std::move(*ledger), std::move(tried->lease)));
    if (tried)
      notice.say("the ledger is led by " + tried->led_by + "; waiting to take over");
    else if (!storage::answers(where))
      notice.say(render(tried.error()));
    else
      return tl::make_unexpected(tried.error());
  } while (!wait(renew_every));
  return nullptr;
}

}  // namespace assay::app
