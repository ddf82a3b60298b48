#include <doctest/doctest.h>

#include <algorithm>

#include "tests/simulation/world.hpp"

// Delivery through the providers' own batch endpoints: what arrives there is counted by the server.
using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

/// Everything about batches holds for both APIs.
const std::vector<std::string> both{"openai", "anthropic"};

scenario in_batches(const std::string& dialect, std::uint32_t tasks = 30, int items = 10) {
  scenario s;
  s.tasks = tasks;
  s.delivery = delivery_mode::batch;
  s.give_up_after_s = 6 * 3600;
  s.prices = {.input = 1.0, .cached_input = {}, .cache_write = {}, .output = 4.0};
  simulated_account a;
  a.client.name = a.server.name = "a";
  a.client.dialect = dialect;
  a.client.batch.max_items = items;
  a.client.retry.initial_backoff = 500ms;
  a.client.retry.max_retries = 8;
  a.server.batch.time = 100s;
  a.server.models = {mock_model{.name = "model"}};
  s.accounts = {a};
  return s;
}

std::vector<simulated::truth> created(const world_end& end) {
  std::vector<simulated::truth> all;
  for (const auto& [name, log] : end.arrivals)
    std::copy_if(log.begin(), log.end(), std::back_inserter(all),
                 [](const auto& t) { return t.items > 0; });
  return all;
}

/// Requests that the server was given to answer: what is paid for.
std::uint32_t handed_over(const world_end& end) {
  std::uint32_t sum = 0;
  for (const auto& t : created(end)) sum += t.items;
  return sum;
}

std::size_t answered(const world_end& end) {
  return static_cast<std::size_t>(
      std::count_if(end.store.outcomes.begin(), end.store.outcomes.end(),
                    [](const auto& o) { return o.second.status == outcome_status::answered; }));
}

std::size_t attempts_in(const world_end& end) {
  std::size_t n = 0;
  for (const auto& [key, got] : end.store.outcomes) n += got.attempts.size();
  return n;
}

bool all_batches_are(const world_end& end, storage::batch_state state) {
  return std::all_of(end.store.batches.begin(), end.store.batches.end(),
                     [&](const auto& b) { return b.state == state; });
}

double cost(const world_end& end) {
  double sum = 0;
  for (const auto& [key, got] : end.store.outcomes) sum += got.cost.value;
  return sum;
}

}  // namespace

TEST_CASE("every task is answered once, in full batches, and each batch is collected") {
  for (const auto& dialect : both) {
    CAPTURE(dialect);
    auto s = in_batches(dialect);
    auto end = run_world(s);
    CHECK(violations(s, end) == std::vector<std::string>{});
    CHECK(answered(end) == 30);
    CHECK(created(end).size() == 3);
    CHECK(handed_over(end) == 30);
    CHECK(end.store.batches.size() == 3);
    CHECK(all_batches_are(end, storage::batch_state::collected));
    for (const auto& [key, got] : end.store.outcomes) {
      REQUIRE(got.attempts.size() == 1);
      CHECK(got.attempts.front().items == 10);
      CHECK(got.attempts.front().batched);
    }
  }
}

TEST_CASE("a batch that is not full goes when nothing more has come for a second") {
  auto s = in_batches("openai", 5, 100);
  auto end = run_world(s);
  CHECK(answered(end) == 5);
  CHECK(created(end).size() == 1);
  CHECK(created(end).front().at_s < 2);
}

TEST_CASE("answers are those of single calls, at half the price") {
  for (const auto& dialect : both) {
    CAPTURE(dialect);
    auto s = in_batches(dialect);
    auto batched = run_world(s);
    s.delivery = delivery_mode::single;
    auto singly = run_world(s);
    REQUIRE(answered(batched) == answered(singly));
    for (const auto& [key, got] : singly.store.outcomes)
      CHECK(batched.store.outcomes.at(key).reply.text == got.reply.text);
    CHECK(cost(singly) > 0);
    CHECK(cost(batched) == doctest::Approx(cost(singly) / 2));
  }
}

TEST_CASE("how a batch stands is asked less and less often") {
  auto s = in_batches("anthropic", 10);
  s.accounts[0].server.batch.time = 2h;
  auto end = run_world(s);
  CHECK(answered(end) == 10);
  // 10 s, 15 s, 22.5 s, 33.75 s, 50.6 s, then 60 s each
  auto questions = end.arrivals.at("a").size();
  CHECK(questions >= 7200 / 60);
  CHECK(questions <= 7200 / 60 + 8);
}

TEST_CASE("requests that expire are asked again in another batch, and nothing else is") {
  for (const auto& dialect : both) {
    CAPTURE(dialect);
    auto s = in_batches(dialect);
    s.accounts[0].server.batch.expired = 0.4;
    auto end = run_world(s);
    CHECK(violations(s, end) == std::vector<std::string>{});
    CHECK(answered(end) == 30);
    std::size_t expired = 0;
    for (const auto& [key, got] : end.store.outcomes) {
      expired += got.attempts.size() - 1;
      for (std::size_t i = 0; i + 1 < got.attempts.size(); ++i) {
        CHECK(got.attempts[i].error.kind == error_class::timeout);
        CHECK(got.attempts[i].cost.value == 0);
      }
    }
    CHECK(expired > 5);
    CHECK(handed_over(end) == 30 + expired);
  }
}

TEST_CASE("a request that expires again and again ends in error after max_retries") {
  auto s = in_batches("openai", 3);
  s.accounts[0].client.retry.max_retries = 2;
  s.accounts[0].server.batch.expired = 1;
  auto end = run_world(s);
  CHECK(end.finished);
  CHECK(handed_over(end) == 9);
  for (const auto& [key, got] : end.store.outcomes) {
    CHECK(got.status == outcome_status::error);
    CHECK(got.error.kind == error_class::timeout);
    CHECK(got.attempts.size() == 3);
  }
}

TEST_CASE("a 429 or a failure of the endpoint delays a batch, but makes no second one") {
  for (const auto& dialect : both) {
    CAPTURE(dialect);
    for (auto fault : {&mock_faults::http_429, &mock_faults::http_500, &mock_faults::overloaded}) {
      auto s = in_batches(dialect);
      s.accounts[0].client.retry.max_retries = 30;
      s.accounts[0].server.faults.*fault = 0.4;
      auto end = run_world(s);
      CHECK(answered(end) == 30);
      CHECK(handed_over(end) == attempts_in(end));
    }
  }
}

TEST_CASE("a batch whose creation was answered by silence is found in the list, not made again") {
  for (const auto& dialect : both) {
    CAPTURE(dialect);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      auto s = in_batches(dialect);
      s.seed = seed;
      s.accounts[0].server.seed = seed;
      s.accounts[0].client.retry.max_retries = 30;
      s.accounts[0].server.faults.close = 0.5;  // after the server has done its part
      auto end = run_world(s);
      CHECK(answered(end) == 30);
      CHECK(handed_over(end) == attempts_in(end));
    }
  }
}

TEST_CASE("a crash at any note of a batch neither loses a batch nor hands it over twice") {
  for (const auto& dialect : both) {
    for (int note = 1; note <= 9; ++note) {
      for (bool written : {false, true}) {
        CAPTURE(dialect);
        CAPTURE(note);
        CAPTURE(written);
        auto s = in_batches(dialect);
        s.fail_note = note;  // announced, submitted, collected, of three batches
        s.fail_after_write = written;
        auto end = run_world(s);
        CHECK(violations(s, end) == std::vector<std::string>{});
        CHECK(answered(end) == 30);
        CHECK(handed_over(end) == 30);
      }
    }
  }
}

TEST_CASE("a crash while results are recorded neither loses one nor pays for it twice") {
  for (const auto& dialect : both) {
    for (int commit = 1; commit <= 6; ++commit) {
      for (bool written : {false, true}) {
        CAPTURE(dialect);
        CAPTURE(commit);
        CAPTURE(written);
        auto s = in_batches(dialect);
        s.fail_commit = commit;
        s.fail_after_write = written;
        auto end = run_world(s);
        CHECK(end.store.answers_replaced == 0);
        CHECK(answered(end) == 30);
        CHECK(handed_over(end) == 30);
      }
    }
  }
}

TEST_CASE("a gentle stop leaves the batches open, and the next start collects them") {
  for (const auto& dialect : both) {
    CAPTURE(dialect);
    auto s = in_batches(dialect);
    s.drain_after_s = 50;
    auto end = run_world(s);
    CHECK(end.finished);
    CHECK(end.last.run.stopped_by == "interrupted");
    CHECK(end.store.outcomes.empty());
    CHECK(end.store.batches.size() == 3);
    CHECK(all_batches_are(end, storage::batch_state::submitted));

    s.start_again = true;
    end = run_world(s);
    CHECK(answered(end) == 30);
    CHECK(handed_over(end) == 30);
    CHECK(all_batches_are(end, storage::batch_state::collected));
  }
}

TEST_CASE("what is in a batch of one account is not asked of another after a crash") {
  auto s = in_batches("openai", 30, 10);
  auto other = s.accounts[0];
  other.client.name = other.server.name = "b";
  other.client.dialect = "anthropic";
  s.accounts.push_back(other);
  for (int note = 1; note <= 9; ++note) {
    CAPTURE(note);
    s.fail_note = note;
    s.fail_after_write = true;
    auto end = run_world(s);
    CHECK(answered(end) == 30);
    CHECK(handed_over(end) == 30);
  }
}

TEST_CASE("a wrong key suspends the account, and the run says why") {
  auto s = in_batches("anthropic", 10);
  s.accounts[0].server.api_key = "right";
  auto end = run_world(s);
  CHECK(end.finished);
  CHECK(end.last.run.stopped_by.find("auth") != std::string::npos);
  CHECK(handed_over(end) == 0);
  CHECK(all_batches_are(end, storage::batch_state::lost));
}
