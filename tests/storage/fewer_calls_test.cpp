// Copies of answers, locks of accounts and batches: what the ledger keeps so that fewer calls are
// made.

#include <sys/wait.h>

#include <csignal>

#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

/// Asks what task `i` asks, as another task: of another dataset, say.
task twin_of(std::size_t i) {
  auto t = make_task(i);
  t.key = hash_parts({"twin", std::to_string(i)});
  t.where.dataset = "sums again";
  return t;
}

constexpr std::int64_t second = 1'000'000'000;
/// `answered(i, text, ms)` is done at this moment.
std::int64_t done_ns(int ms) { return anchor().unix_ns(at(ms + 100)); }

/// A second run that wants what `make` gives.
run_id wanting_run(store& s, std::size_t count, const std::function<task(std::size_t)>& make) {
  auto run = s.open_run("wanting");
  must(s.db->put_tasks(run, count, make));
  return run;
}

std::size_t take(store& s, run_id run, const cache_settings& wanted = {}, std::int64_t now_ns = 0,
                 bool also_combined = false) {
  return must(s.db->take_cached(run, wanted, now_ns, also_combined));
}

/// How many answers a run gets that differs from an answered one by what `change` does to its task.
std::size_t taken_after(const std::function<void(task&)>& change) {
  store s;
  put(*s.db, s.run, 1);
  commit(*s.db, s.run, {answered(0, "1")});
  auto run = wanting_run(s, 1, [&](std::size_t i) {
    auto t = twin_of(i);
    change(t);
    return t;
  });
  return take(s, run);
}

}  // namespace

// -- copies ---------------------------------------------------------------------------------------

TEST_CASE("an equal request gets the answer that is there: free, without attempts, marked") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 3);
    auto given = answered(0, "1");
    given.got.reply.reasoning = "0 and 1";
    given.got.reply.usage.output = 7;
    given.got.reply.usage.billed_usd = 0.25;
    commit(*s.db, s.run, {given, answered(2, "3")});
    auto run = wanting_run(s, 3, twin_of);
    CHECK(take(s, run) == 2);
    CHECK(must(s.db->missing(run)) == std::vector<std::size_t>{1});
    auto got = all_rows(*s.db, run)[0].what.got;
    CHECK(got.key == twin_of(0).key);
    CHECK(got.reply.text == "1");
    CHECK(got.reply.reasoning == "0 and 1");
    CHECK(got.reply.usage.output == 7);
    CHECK_FALSE(got.reply.usage.billed_usd.has_value());
    CHECK(got.cached);
    CHECK(got.original == given.got.key);
    CHECK(got.cost.value == 0);
    CHECK(got.attempts.empty());
    CHECK_FALSE(all_rows(*s.db, s.run)[0].what.got.cached);
    CHECK(take(s, run) == 0);
  });
}

TEST_CASE("a copy says whether its own run brought the original, and has no latency") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {answered(0, "1")});
    auto run = wanting_run(s, 3, [](std::size_t i) {
      auto t = twin_of(i / 2);
      t.key = hash_parts({"copy", std::to_string(i)});
      return t;
    });
    CHECK(take(s, run) == 2);
    record lone{twin_of(1), answered(1, "2").got};
    lone.asked.key = lone.got.key = hash_parts({"copy", "2"});
    commit(*s.db, run, {lone});
    record follower{twin_of(1), copy_of(lone.got, twin_of(1).key)};
    commit(*s.db, run, {follower});
    auto rows = all_scores(*s.db, run, {});
    REQUIRE(rows.size() == 4);
    CHECK((rows[0].cached && !rows[0].coalesced));
    CHECK((!rows[2].cached && !rows[2].coalesced));
    CHECK((rows[3].cached && rows[3].coalesced));
    CHECK(rows[0].latency_ns == 0);
    CHECK(rows[2].latency_ns > 0);
    CHECK(all_rows(*s.db, run)[3].what == follower);
  });
}

TEST_CASE(
    "a copy belongs to the run that made it: for a later run of the same task it is no copy") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {answered(0, "1")});
    auto run = wanting_run(s, 1, twin_of);
    CHECK(take(s, run) == 1);
    CHECK(all_scores(*s.db, run, {})[0].cached);
    auto later = s.open_run("later");
    must(s.db->put_tasks(later, 1, twin_of));
    CHECK(all_scores(*s.db, later, {})[0].has_outcome);
    CHECK_FALSE(all_scores(*s.db, later, {})[0].cached);
  });
}

TEST_CASE("what determines an answer must be equal; provider lists and streaming may differ") {
  CHECK(taken_after([](task&) {}) == 1);
  CHECK(taken_after([](task& t) { t.request.stream = !t.request.stream; }) == 1);
  CHECK(taken_after([](task& t) { t.providers = {"right", "left"}; }) == 1);
  for (const std::function<void(task&)>& change : std::vector<std::function<void(task&)>>{
           [](task& t) { t.epoch = 2; }, [](task& t) { t.request.model = "small-2"; },
           [](task& t) { t.request.messages[0].content += " "; },
           [](task& t) { t.request.messages[0].who = role::system; },
           [](task& t) { t.request.max_tokens = 10; }, [](task& t) { t.request.temperature = 0; },
           [](task& t) { t.request.top_p = 1; }, [](task& t) { t.request.seed = 0; },
           [](task& t) { t.request.stop = {"x"}; }, [](task& t) { t.request.reasoning = false; },
           [](task& t) { t.request.extra_json = "{\"a\":1}"; }})
    CHECK(taken_after(change) == 0);
}

TEST_CASE("another account's answer is taken only if asked for") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {answered(0, "1")});  // by `left`
    auto run = wanting_run(s, 1, [](std::size_t i) {
      auto t = twin_of(i);
      t.providers = {"right"};
      return t;
    });
    CHECK(take(s, run) == 0);
    CHECK(take(s, run, {.across_accounts = true}) == 1);
  });
}

TEST_CASE(
    "an answer older than its time to live is not taken, and a copy does not make it younger") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {answered(0, "1")});
    auto run = wanting_run(s, 1, twin_of);
    cache_settings minute{.ttl = milliseconds(60'000)};
    CHECK(take(s, run, minute, done_ns(0) + 60 * second + 1) == 0);
    CHECK(take(s, run, minute, done_ns(0) + 60 * second) == 1);
    auto later = s.open_run("later");
    must(s.db->put_tasks(later, 1, [](std::size_t i) {
      auto t = twin_of(i);
      t.key = hash_parts({"third"});
      return t;
    }));
    CHECK(take(s, later, minute, done_ns(0) + 61 * second) == 0);
    CHECK(take(s, later, {}, done_ns(0) + 61 * second) == 1);
    CHECK(all_rows(*s.db, later)[0].what.got.original == make_task(0).key);
  });
}

TEST_CASE("of several answers the youngest is taken") {
  on_every_ledger([](store& s) {
    must(s.db->put_tasks(s.run, 3, [](std::size_t i) {
      auto t = twin_of(0);
      t.key = hash_parts({"same", std::to_string(i)});
      return t;
    }));
    std::vector<record> given;
    for (int i : {0, 1, 2}) {
      auto r = answered(0, "answer " + std::to_string(i), i == 1 ? 500 : 10 * i);
      r.asked.key = r.got.key = hash_parts({"same", std::to_string(i)});
      given.push_back(r);
    }
    commit(*s.db, s.run, given);
    auto run = wanting_run(s, 1, twin_of);
    CHECK(take(s, run) == 1);
    CHECK(all_rows(*s.db, run)[0].what.got.reply.text == "answer 1");
  });
}

TEST_CASE("an error is never copied; refusals and filtered answers are") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 3);
    auto refused = answered(1, "");
    refused.got.status = outcome_status::refused;
    refused.got.reply.refusal = "No.";
    auto filtered = answered(2, "");
    filtered.got.status = outcome_status::filtered;
    commit(*s.db, s.run, {failed(0, error_class::bad_request), refused, filtered});
    auto run = wanting_run(s, 3, twin_of);
    CHECK(take(s, run) == 2);
    CHECK(must(s.db->missing(run)) == std::vector<std::size_t>{0});
    CHECK(all_rows(*s.db, run)[1].what.got.reply.refusal == "No.");
    CHECK(all_rows(*s.db, run)[2].what.got.status == outcome_status::filtered);
  });
}

TEST_CASE("a copy takes the place of an error and of its verdicts, never that of an answer") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 2);
    commit(*s.db, s.run, {answered(0, "1"), answered(1, "2")});
    auto run = wanting_run(s, 2, twin_of);
    record broken{twin_of(0), failed(0, error_class::timeout).got};
    broken.got.key = broken.asked.key;
    record own{twin_of(1), answered(1, "own").got};
    own.got.key = own.asked.key;
    auto stale = judged(0, "exact", 0);
    stale.key = broken.got.key;
    commit(*s.db, run, {broken, own}, {stale});
    CHECK(take(s, run) == 1);
    auto rows = all_rows(*s.db, run);
    CHECK(rows[0].what.got.reply.text == "1");
    CHECK(rows[0].verdicts.empty());
    CHECK(rows[1].what.got.reply.text == "own");
    CHECK(all_attempts(*s.db, run).size() == 2);  // the failed attempt stays
  });
}

TEST_CASE("an answer given in one call with others is taken only by a run that does the same") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto combined = answered(0, "1");
    combined.got.attempts[0].items = 4;
    commit(*s.db, s.run, {combined});
    auto run = wanting_run(s, 1, twin_of);
    CHECK(take(s, run) == 0);
    CHECK(take(s, run, {}, 0, true) == 1);
  });
}

TEST_CASE("with the cache off nothing is copied") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {answered(0, "1")});
    CHECK(take(s, wanting_run(s, 1, twin_of), {.on = false}) == 0);
  });
}

TEST_CASE("copied answers are unjudged until the run's judges have seen them") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    commit(*s.db, s.run, {answered(0, "1")}, {judged(0, "exact", 1)});
    auto run = wanting_run(s, 1, twin_of);
    CHECK(take(s, run) == 1);
    std::vector<std::string> seen;
    must(s.db->unjudged(
        run, "exact", [](const sample&) { return "v1"; },
        [&](record r) { seen.push_back(r.got.reply.text); }));
    CHECK(seen == std::vector<std::string>{"1"});
  });
}

TEST_CASE("a copy whose original the ledger does not hold is refused") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    record orphan{make_task(0), copy_of(answered(9, "9").got, make_task(0).key)};
    auto done = s.db->commit({s.run, {orphan}, {}}, anchor());
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().what == "a copied answer without its original in the ledger");
    CHECK(must(s.db->missing(s.run)).size() == 1);
  });
}

TEST_CASE("an answer out of a provider's batch is taken as one of a single call") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto batched = answered(0, "1");
    batched.got.attempts[0].items = 4;
    batched.got.attempts[0].batched = true;
    commit(*s.db, s.run, {batched});
    auto rows = all_attempts(*s.db, s.run);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].batched);
    CHECK(rows[0].items == 4);
    CHECK(all_rows(*s.db, s.run)[0].what.got.attempts[0].batched);
    auto run = wanting_run(s, 1, twin_of);
    CHECK(take(s, run) == 1);
  });
}

TEST_CASE("exchanges say how many tasks shared them, and which were hedges") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 1);
    auto r = answered(0, "1");
    r.got.attempts[0].items = 5;
    r.got.attempts.push_back(make_attempt(20));
    r.got.attempts[1].hedge = true;
    commit(*s.db, s.run, {r});
    auto rows = all_attempts(*s.db, s.run);
    REQUIRE(rows.size() == 2);
    CHECK((rows[0].items == 5 && !rows[0].hedge));
    CHECK((rows[1].items == 1 && rows[1].hedge));
    CHECK(all_rows(*s.db, s.run)[0].what == r);
  });
}

TEST_CASE("a hundred thousand tasks that all ask the same get their copies in one pass") {
  store s;
  put(*s.db, s.run, 1);
  commit(*s.db, s.run, {answered(0, "1")});
  auto run = wanting_run(s, 100'000, [](std::size_t i) {
    auto t = twin_of(0);
    t.key = hash_parts({"many", std::to_string(i)});
    return t;
  });
  CHECK(take(s, run) == 100'000);
  CHECK(must(s.db->missing(run)).empty());
}

// -- accounts -------------------------------------------------------------------------------------

TEST_CASE("an account is held by one process at a time; the other is told by whom") {
  store s;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  auto child = ::fork();
  if (child == 0) {
    auto held = s.another()->lock_account("a1");
    [[maybe_unused]] auto told = ::write(ready[1], held ? "y" : "n", 1);
    ::pause();
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  REQUIRE(answer == 'y');
  auto refused = s.db->lock_account("a1");
  bool other_free = s.db->lock_account("a2").has_value();
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().what.starts_with("the account is held by process " + std::to_string(child) +
                                         " on "));
  CHECK(other_free);
  CHECK(s.db->lock_account("a1").has_value());
  ::close(ready[0]);
  ::close(ready[1]);
}

// -- batches of the provider ----------------------------------------------------------------------

TEST_CASE("a batch is open from its announcement until it is collected or lost") {
  on_every_ledger([](store& s) {
    storage::provider_batch batch;
    batch.run = s.run;
    batch.provider = "left";
    batch.announced_unix_ns = 5;
    batch.tasks = {make_task(3).key, make_task(1).key};
    auto first = must(s.db->announce_batch(batch));
    auto second = must(s.db->announce_batch(batch));
    REQUIRE(first != second);
    auto open = must(s.another()->open_batches(s.run));
    REQUIRE(open.size() == 2);
    CHECK(open[0].state == storage::batch_state::announced);
    CHECK(open[0].batch_id == "");
    CHECK(open[0].tasks == batch.tasks);

    must(s.db->change_batch(first, storage::batch_state::submitted, "batch_7", 8));
    must(s.db->change_batch(second, storage::batch_state::lost, "", 9));
    open = must(s.db->open_batches(s.run));
    REQUIRE(open.size() == 1);
    CHECK(open[0].id == first);
    CHECK(open[0].state == storage::batch_state::submitted);
    CHECK(open[0].batch_id == "batch_7");
    CHECK(open[0].provider == "left");
    CHECK(open[0].announced_unix_ns == 5);
    CHECK(open[0].changed_unix_ns == 8);

    must(s.db->change_batch(first, storage::batch_state::collected, "", 10));
    CHECK(must(s.db->open_batches(s.run)).empty());
    CHECK(must(s.db->open_batches(s.run + 1)).empty());
  });
}
