#include "actors/recorder.hpp"

#include <doctest/doctest.h>

#include "tests/actors/virtual_system.hpp"

using namespace assay;

namespace {

/// A ledger on a server that can be away, and what was committed to it.
struct server {
  bool away = false;
  bool broken = false;
  std::size_t tries = 0;
  std::vector<task_key> committed;
  std::vector<batch_state> batches;
};

class server_store final : public storage::record_store {
 public:
  explicit server_store(server& s) : server_(s) {}

  expected<void> commit(const storage::commit_batch& batch, const time_anchor&) override {
    ++server_.tries;
    if (server_.away || server_.broken) return fail("ledger", "no answer");
    for (const auto& r : batch.records) server_.committed.push_back(r.got.key);
    return {};
  }
  bool unreachable() const override { return server_.away; }
  expected<std::int64_t> announce_batch(const provider_batch& b) override {
    if (server_.away) return fail("ledger", "no answer");
    server_.batches.push_back(b.state);
    return static_cast<std::int64_t>(server_.batches.size());
  }

 private:
  server& server_;
};

record numbered(int i) {
  record r;
  r.asked.key = r.got.key = hash_parts({std::to_string(i)});
  return r;
}

results_actor::behavior_type collector(results_actor::pointer, std::size_t* count) {
  return {[count](const record_batch& batch) { *count += batch->size(); },
          [](const verdict_batch&) {}, [](join_atom, published, const subscriber_actor&) {},
          [](join_atom, const verdict_subscriber_actor&) {}};
}

/// A recorder in virtual time that writes to a server.
struct scene : tests::virtual_system {
  server ledger;
  std::size_t published = 0;
  recorder_actor recorder;
  bool down = false;

  scene() {
    actors::recorder_config wanted;
    wanted.open = [this]() -> expected<std::unique_ptr<storage::record_store>> {
      return std::make_unique<server_store>(ledger);
    };
    wanted.results = self->spawn(collector, &published);
    recorder = self->spawn(actors::recorder, wanted);
    recorder->attach_functor([this] { down = true; });
    time.run();
  }
  ~scene() { self->send_exit(recorder, caf::exit_reason::user_shutdown), time.run(); }

  void record(int i) {
    self->send(recorder, numbered(i));
    time.run();
  }
  void wait(std::chrono::seconds longest) {
    for (auto end = time.now() + longest; time.now() < end && !down && time.next_timer();)
      time.run();
  }
};

}  // namespace

TEST_CASE("while the ledger cannot be reached all is kept, and committed once when it is back") {
  scene s;
  s.record(0);
  s.wait(std::chrono::seconds(1));
  CHECK(s.ledger.committed.size() == 1);
  s.ledger.away = true;
  for (int i = 1; i <= 1'000; ++i) s.record(i);
  s.wait(std::chrono::seconds(300));
  CHECK(s.ledger.committed.size() == 1);
  CHECK(s.published == 1);
  CHECK_FALSE(s.down);
  s.ledger.away = false;
  s.wait(std::chrono::seconds(10));
  REQUIRE(s.ledger.committed.size() == 1'001);
  for (int i = 0; i <= 1'000; ++i) CHECK(s.ledger.committed[i] == numbered(i).got.key);
  CHECK(s.published == 1'001);
}

TEST_CASE("a ledger that is away is tried again at longer and longer intervals") {
  scene s;
  s.ledger.away = true;
  s.record(1);
  s.wait(std::chrono::seconds(2));
  CHECK(s.ledger.tries >= 4);
  auto early = s.ledger.tries;
  s.wait(std::chrono::seconds(300));
  CHECK(s.ledger.tries - early >= 300 / 5);
  CHECK(s.ledger.tries - early <= 300 / 2);
}

TEST_CASE("a ledger that stays away for longer than our patience ends the recorder") {
  scene s;
  s.ledger.away = true;
  s.record(1);
  s.wait(std::chrono::minutes(9));
  CHECK_FALSE(s.down);
  s.wait(std::chrono::minutes(2));
  CHECK(s.down);
}

TEST_CASE("a ledger that fails in another way ends the recorder at once") {
  scene s;
  s.ledger.broken = true;
  s.record(1);
  s.wait(std::chrono::seconds(1));
  CHECK(s.down);
  CHECK(s.ledger.tries == 1);
}

TEST_CASE("a batch is noted after the outage, behind the records that came before it") {
  scene s;
  s.ledger.away = true;
  s.record(1);
  std::int64_t id = 0;
  auto asked = s.self->request(s.recorder, caf::infinite, provider_batch{});
  s.time.run();
  s.wait(std::chrono::seconds(30));
  CHECK(s.ledger.batches.empty());
  s.ledger.away = false;
  s.wait(std::chrono::seconds(10));
  asked.receive([&](std::int64_t given) { id = given; }, [](const caf::error&) {});
  CHECK(id == 1);
  CHECK(s.ledger.committed.size() == 1);
}
