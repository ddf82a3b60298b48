// One coordinator for a ledger.

#include <signal.h>
#include <sys/wait.h>

#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

constexpr milliseconds patient{60'000};

/// A process that leads the ledger, writes when it is told to, and says whether it could.
class leader {
 public:
  explicit leader(store& s) {
    REQUIRE(::pipe(orders_) == 0);
    REQUIRE(::pipe(answers_) == 0);
    process_ = ::fork();
    if (process_ == 0) work(s);
    REQUIRE(answer() == 'l');
  }
  leader(const leader&) = delete;
  ~leader() { kill(); }

  bool commits() {
    [[maybe_unused]] auto told = ::write(orders_[1], "w", 1);
    return answer() == 'y';
  }
  void stop() { ::kill(process_, SIGSTOP), ::waitpid(process_, nullptr, WUNTRACED); }
  void go_on() { ::kill(process_, SIGCONT); }
  void kill() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  [[noreturn]] void work(store& s) {
    auto db = s.another(), writer = s.another();
    auto held = db->lock_run(s.run);
    auto leads = db->lead(patient);
    bool leading = held && leads && leads->lease;
    if (leading) writer->obey(leads->lease->term());
    say(leading ? 'l' : 'n');
    char order = 0;
    for (std::size_t i = 0; ::read(orders_[0], &order, 1) == 1; ++i)
      say(writer->commit({s.run, {answered(i, "from the old")}, {}}, anchor()) ? 'y' : 'n');
    ::_exit(0);
  }
  void say(char c) { [[maybe_unused]] auto told = ::write(answers_[1], &c, 1); }
  char answer() {
    char c = 0;
    return ::read(answers_[0], &c, 1) == 1 ? c : '?';
  }

  int orders_[2], answers_[2];
  pid_t process_ = 0;
};

}  // namespace

TEST_CASE("a ledger has one coordinator, who is named to the next, and terms count on") {
  on_every_ledger([](store& s) {
    auto first = must(s.db->lead(patient)).lease;
    REQUIRE(first);
    auto other = s.another();
    auto refused = must(other->lead(patient));
    CHECK_FALSE(refused.lease);
    CHECK(refused.led_by.find("process " + std::to_string(::getpid())) == 0);
    must(first->renew());
    auto term = first->term();
    first.reset();
    CHECK(must(other->lead(patient)).lease->term() == term + 1);
  });
}

TEST_CASE("kill -9 of the coordinator lets the next one in at once") {
  on_every_ledger([](store& s) {
    put(*s.db, s.run, 3);
    s.db.reset();
    leader old(s);
    CHECK(old.commits());
    auto db = s.another();
    CHECK_FALSE(must(db->lead(patient)).lease);
    old.kill();
    storage::lead_attempt next;
    for (int i = 0; i < 500 && !next.lease;
         ++i) {  // the server notices a closed socket in its own time
      next = must(db->lead(patient));
      if (!next.lease) ::usleep(10'000);
    }
    CHECK(next.lease);
  });
}

TEST_CASE(
    "a coordinator that was stopped and overtaken loses its run, and writes no more when it goes "
    "on") {
  auto where = new_postgres_schema();
  if (!where) return;
  store s(ledger_kinds()[1]);
  put(*s.db, s.run, 3);
  s.db.reset();
  leader old(s);
  CHECK(old.commits());
  old.stop();
  auto db = s.another();
  auto lease = must(db->lead(milliseconds(0))).lease;
  REQUIRE(lease);
  auto run = must(db->lock_run(s.run));
  db->obey(lease->term());
  old.go_on();
  CHECK_FALSE(old.commits());
  CHECK_FALSE(old.commits());
  commit(*db, s.run, {answered(2, "from the new")});
  must(lease->renew());
  CHECK(must(db->missing(s.run)) == std::vector<std::size_t>{1});
}

TEST_CASE("who was overtaken is told so when renewing the lease") {
  auto where = new_postgres_schema();
  if (!where) return;
  store s(ledger_kinds()[1]);
  auto first = must(s.db->lead(patient)).lease;
  auto other = s.another();
  postgres_server::get().sql(s.where, "UPDATE leases SET renewed_ns = 0");
  auto second = must(other->lead(patient)).lease;
  auto renewed = first->renew();
  if (!renewed) renewed = first->renew();  // the first time its session is found cut
  REQUIRE_FALSE(renewed.has_value());
  must(second->renew());
}

TEST_CASE("a lease that is renewed in time is not taken") {
  auto where = new_postgres_schema();
  if (!where) return;
  store s(ledger_kinds()[1]);
  auto first = must(s.db->lead(patient)).lease;
  postgres_server::get().sql(s.where, "UPDATE leases SET renewed_ns = 0");
  must(first->renew());
  CHECK_FALSE(must(s.another()->lead(patient)).lease);
}
