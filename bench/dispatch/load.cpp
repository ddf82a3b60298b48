#include "bench/dispatch/load.hpp"

#include <numeric>
#include <string>

#include "actors/modelled_transport.hpp"

namespace assay::bench {

namespace {

class figures final : public storage::record_store {
 public:
  explicit figures(std::shared_ptr<outcomes> o) : sums_(std::move(o)) {}

  expected<void> commit(const storage::commit_batch& batch, const time_anchor&) override {
    std::lock_guard hold(sums_->lock);
    for (const auto& r : batch.records) {
      ++(r.got.status == outcome_status::answered ? sums_->answered : sums_->others);
      for (const auto& tried : r.got.attempts)
        sums_->send_lag_ms.push_back(
            static_cast<float>(1e3 * seconds(tried.at.sent - tried.at.admitted)));
      if (!r.got.attempts.empty())
        sums_->last_done = std::max(sums_->last_done, r.got.attempts.back().at.done);
    }
    return {};
  }

 private:
  std::shared_ptr<outcomes> sums_;
};

task make_task(std::uint32_t position, std::size_t bytes) {
  task t;
  t.run = 1;
  t.key = hash_parts({"dispatch", std::to_string(position)});
  t.position = position;
  t.item.id = "s" + std::to_string(position);
  t.where = {"sums", "model", "plain", "", "", "direct_answer"};
  t.request.model = "model";
  t.request.messages = {{role::user, actors::modelled_text(100, position, bytes)}};
  t.request.max_tokens = 64;
  t.providers = {"p"};
  t.input_tokens = 100;
  return t;
}

work_ptr make_work(const load& l) {
  auto w = std::make_shared<work>();
  w->run = 1;
  w->positions.resize(l.tasks);
  std::iota(w->positions.begin(), w->positions.end(), 0u);
  w->classes = {{"model", {"p"}, {}, route_policy::any_room, 1.0}};
  w->class_of = [](std::uint32_t) { return 0u; };
  w->make = [bytes = l.bytes](std::uint32_t position) { return make_task(position, bytes); };
  w->ceiling = [](const task&) { return usd{}; };
  return w;
}

}  // namespace

actors::account_access_ptr account_of(const load& l) {
  auto access = std::make_shared<actors::account_access>();
  access->settings.name = "p";
  access->settings.dialect = "openai";
  access->settings.base_url = "http://127.0.0.1:9";
  access->settings.limits.max_parallel = static_cast<int>(l.in_flight);
  if (l.per_second > 0)
    access->settings.limits.rates = {{dimension::requests, l.per_second, std::chrono::seconds(1),
                                      l.per_second / 10, limit_shape::bucket, "qps"}};
  access->dialect = &actors::modelled_dialect();
  return access;
}

transport_actor spawn_api(caf::local_actor& parent, double answer_s) {
  actors::modelled_transport_config api;
  api.draw = [answer_s](const actors::modelled_call& call, std::uint64_t) {
    auto total = from_seconds(answer_s);
    return actors::modelled_answer{total / 2, total, call.input_tokens, 20};
  };
  return parent.spawn(actors::modelled_transport, api);
}

actors::supervisor_config tree_of(const load& l, const std::shared_ptr<outcomes>& sums) {
  actors::supervisor_config tree;
  tree.run = 1;
  tree.providers = {account_of(l)};
  tree.spawn_transport = [answer_s = l.answer_s](caf::local_actor& parent) {
    return spawn_api(parent, answer_s);
  };
  tree.open_ledger = [sums]() -> expected<std::unique_ptr<storage::record_store>> {
    return std::make_unique<figures>(sums);
  };
  tree.missing = [l]() -> expected<work_ptr> { return make_work(l); };
  tree.max_restarts = 0;
  return tree;
}

}  // namespace assay::bench
