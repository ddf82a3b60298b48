#include "app/probe/caller.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "providers/catalog/cost.hpp"

namespace assay::probing {

namespace {

/// Reasoning models refuse a cap that leaves no room to reason.
constexpr std::int32_t cap = 1;
constexpr std::int32_t reasoning_cap = 16;

/// Collects what exchanges come to, on whatever thread they end.
class gathering {
 public:
  explicit gathering(std::size_t expected) : expected_(expected) {}

  void add(exchange_result r) {
    std::lock_guard hold(lock_);
    results_.push_back(std::move(r));
    if (results_.size() == expected_) complete_.notify_one();
  }

  std::vector<exchange_result> wait() {
    std::unique_lock hold(lock_);
    complete_.wait(hold, [&] { return results_.size() == expected_; });
    return std::move(results_);
  }

 private:
  const std::size_t expected_;
  std::mutex lock_;
  std::condition_variable complete_;
  std::vector<exchange_result> results_;
};

}  // namespace

chat_request small_request(const model_settings& model) {
  chat_request r;
  r.model = model.model_name.empty() ? model.name : model.model_name;
  r.messages = {{role::user, "ping"}};
  r.max_tokens = model.reasoning.value_or(false) ? reasoning_cap : cap;
  r.reasoning = model.reasoning;
  r.extra_json = model.extra_json;
  r.stream = model.stream;
  return r;
}

caller::caller(actors::account_access access, model_settings model)
    : access_(std::move(access)), model_(std::move(model)), engine_({.loops = 1}) {}

std::vector<exchange_result> caller::send(int count) {
  auto asked = small_request(model_);
  auto request = access_.dialect->request(asked, access_.settings, access_.key.reveal());
  if (!request) {
    exchange_result refused;
    refused.tried.error = {.kind = error_class::bad_request, .message = render(request.error())};
    return {refused};
  }
  gathering all(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    transport::exchange call;
    call.request = *request;
    call.reader = access_.dialect->reader(asked);
    call.limits = access_.settings.limits_of_time;
    call.proxy = access_.settings.proxy;
    call.ca_file = access_.settings.ca_file;
    call.secret = access_.key.reveal();
    call.done = [&](exchange_result r) { all.add(std::move(r)); };
    engine_.start(std::move(call));
  }
  auto results = all.wait();
  for (auto& r : results) r.tried.cost = catalog::cost_of(r.tried.usage, model_.prices);
  return results;
}

}  // namespace assay::probing
