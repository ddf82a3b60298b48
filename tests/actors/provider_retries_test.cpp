#include <doctest/doctest.h>

#include "actors/provider.hpp"
#include "tests/actors/idle_scheduler.hpp"
#include "tests/actors/node_fakes.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

namespace {

using records = std::shared_ptr<std::vector<record>>;

recorder_actor::behavior_type recorder(recorder_actor::pointer, records into) {
  return {[into](record& r) { into->push_back(std::move(r)); }, [](std::vector<verdict>&) {},
          [](const provider_batch&) -> caf::result<std::int64_t> { return 0; },
          [](internal_atom) {}};
}

/// One task at a provider whose exchanges end as the test says.
class task_at_a_provider {
 public:
  explicit task_at_a_provider(int max_retries) {
    auto access = std::make_shared<account_access>();
    access->settings.name = "p";
    access->settings.limits.max_parallel = 4;
    access->settings.limits.rates = {{dimension::requests, 1'000, 1'000ms, 1'000}};
    access->settings.retry.max_retries = max_retries;
    access->settings.retry.initial_backoff = 10ms;
    access->settings.retry.multiplier = 1;
    provider_config config;
    config.access = access;
    config.places_here = 0;
    config.scheduler = keep(virtual_.system.spawn(tests::idle_scheduler, scheduler_notes_));
    config.recorder = keep(virtual_.system.spawn(recorder, recorded_));
    provider_ = keep(virtual_.system.spawn(provider, config));
    auto node = keep(virtual_.system.spawn(tests::noting_place, sent_));
    caf::anon_send(provider_, join_atom_v, node_offer{"n", 10, 1ms}, node);
    virtual_.time.run();
    hand({});
  }
  ~task_at_a_provider() {
    for (const auto& a : all_) caf::anon_send_exit(a, caf::exit_reason::kill);
    virtual_.time.run();
  }

  /// The exchange that was sent last fails so; then `later` passes.
  void fails(error_class kind, duration later = 100ms) {
    REQUIRE(sent_->size() == failed_ + 1);
    exchange_result result;
    result.tried.error.kind = kind;
    std::vector<ended_exchange> ended;
    ended.push_back({sent_->back(), std::move(result)});
    ++failed_;
    caf::anon_send(provider_, std::move(ended));
    pass(later);
  }

  /// What the provider handed back is handed to it again.
  void comes_again() {
    REQUIRE(scheduler_notes_->returned.size() == 1);
    auto earlier = std::move(scheduler_notes_->returned.front().attempts);
    scheduler_notes_->returned.clear();
    hand(std::move(earlier));
  }

  void pass(duration d) {
    virtual_.time.run();
    for (auto end = virtual_.time.now() + d; virtual_.time.now() < end; virtual_.time.run())
      virtual_.time.pass(50ms);
  }
  bool was_handed_back() const { return !scheduler_notes_->returned.empty(); }
  bool is_over() const { return !recorded_->empty(); }

 private:
  template <class Actor>
  Actor keep(Actor a) {
    all_.push_back(caf::actor_cast<caf::strong_actor_ptr>(a));
    return a;
  }

  void hand(std::vector<attempt> earlier) {
    handed_task one;
    one.what.where.model = "m";
    one.earlier = std::move(earlier);
    std::vector<handed_task> handed;
    handed.push_back(std::move(one));
    caf::anon_send(provider_, std::move(handed));
    pass(100ms);
  }

  tests::virtual_system virtual_;
  std::vector<caf::strong_actor_ptr> all_;
  tests::permits sent_ = std::make_shared<std::vector<std::uint64_t>>();
  records recorded_ = std::make_shared<std::vector<record>>();
  std::shared_ptr<tests::scheduler_notes> scheduler_notes_ =
      std::make_shared<tests::scheduler_notes>();
  provider_actor provider_;
  std::size_t failed_ = 0;
};

}  // namespace

TEST_CASE("a timeout after another failure is worth its retry") {
  task_at_a_provider task(3);
  task.fails(error_class::server_error);
  task.fails(error_class::timeout);
  CHECK(!task.is_over());
  task.fails(error_class::timeout);
  CHECK(task.is_over());
}

TEST_CASE("a failure after a timeout is worth what is left of all retries") {
  task_at_a_provider task(3);
  task.fails(error_class::timeout);
  task.fails(error_class::transport);
  task.fails(error_class::overloaded);
  CHECK(!task.is_over());
  task.fails(error_class::server_error);
  CHECK(task.is_over());
}

TEST_CASE("with no retries a timeout ends the task") {
  task_at_a_provider task(0);
  task.fails(error_class::timeout);
  CHECK(task.is_over());
}

TEST_CASE("a 429 is no failure") {
  task_at_a_provider task(1);
  for (int i = 0; i < 2; ++i) task.fails(error_class::rate_limited, 1s);
  task.fails(error_class::server_error);
  CHECK(!task.is_over());
  task.fails(error_class::server_error);
  CHECK(task.is_over());
}

TEST_CASE("while its model fails, a task may fail twice as often, timeouts apart, and goes back") {
  task_at_a_provider task(4);
  for (int i = 0; i < 3; ++i) task.fails(error_class::server_error, 1100ms);
  CHECK(!task.was_handed_back());
  task.fails(error_class::server_error);  // four in a row for 3 s: the breaker opens
  for (int i = 0; i < 3; ++i) {
    task.pass(300s);
    task.comes_again();
    task.fails(error_class::timeout);
  }
  CHECK(!task.is_over());
  task.pass(300s);
  task.comes_again();
  task.fails(error_class::timeout);
  CHECK(task.is_over());
}

TEST_CASE("what failed before a task was handed back counts when it comes again") {
  task_at_a_provider task(1);
  task.fails(error_class::server_error);
  task.fails(error_class::node_lost, 5s);
  task.comes_again();
  CHECK(!task.is_over());
  task.fails(error_class::server_error);
  CHECK(task.is_over());
}
