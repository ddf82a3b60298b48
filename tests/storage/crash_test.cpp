// kill -9 at any moment: what was acknowledged is there, and everything is there once.

#include <fcntl.h>
#include <sys/wait.h>

#include <csignal>
#include <map>
#include <random>

#include "storage/sqlite_connection.hpp"
#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

constexpr std::size_t batch_size = 16;

/// A child process that writes until it is killed and says after each write what is done.
class writer {
 public:
  explicit writer(const std::function<void(const std::function<void(std::size_t)>& say)>& work) {
    REQUIRE(::pipe(pipe_) == 0);
    child_ = ::fork();
    if (child_ != 0) {
      ::close(pipe_[1]);
      return;
    }
    work([this](std::size_t done) {
      [[maybe_unused]] auto told = ::write(pipe_[1], &done, sizeof done);
    });
    ::_exit(0);
  }
  writer(const writer&) = delete;

  /// Waits for `count` acknowledgements and a moment more, kills, and gives all that was said.
  std::vector<std::size_t> kill_after(std::size_t count, std::chrono::microseconds more) {
    std::vector<std::size_t> said;
    std::size_t done = 0;
    while (said.size() < count && ::read(pipe_[0], &done, sizeof done) == sizeof done)
      said.push_back(done);
    ::usleep(static_cast<useconds_t>(more.count()));
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    while (::read(pipe_[0], &done, sizeof done) == sizeof done) said.push_back(done);
    ::close(pipe_[0]);
    return said;
  }

 private:
  int pipe_[2] = {};
  pid_t child_ = 0;
};

/// Commits what is missing in batches, each record judged, until nothing is.
void work_off(ledger& db, run_id run, int life, const std::function<void(std::size_t)>& say) {
  auto missing = must(db.missing(run));
  for (std::size_t i = 0; i + batch_size <= missing.size(); i += batch_size) {
    commit_batch batch{run, {}, {}};
    for (auto position : std::vector(missing.begin() + i, missing.begin() + i + batch_size)) {
      batch.records.push_back(answered(position, std::string(500, 'x'), life * 1000));
      batch.verdicts.push_back(judged(position, "a", 1));
    }
    if (!db.commit(batch, anchor())) ::_exit(1);
    for (const auto& item : batch.records)
      say(std::stoul(item.asked.item.id.substr(std::string("sample-").size())));
  }
}

/// That the file of a SQLite ledger is whole; a server looks after itself.
void check_sound(const store& s) {
  if (storage::is_server(s.where)) return;
  storage::sqlite_connection db(s.where, milliseconds(1000));
  CHECK(db.integer("SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
  CHECK(db.integer("SELECT count(*) FROM pragma_foreign_key_check") == 0);
  must(db.result());
}

}  // namespace

TEST_CASE("kill -9 while committing loses nothing acknowledged and records nothing twice") {
  constexpr std::size_t tasks = 300 * batch_size;
  constexpr unsigned seed = 20260101;
  INFO("seed " << seed);
  std::mt19937 random(seed);
  on_every_ledger([&](store& s) {
    put(*s.db, s.run, tasks);
    s.db.reset();  // a connection does not survive a fork
    std::vector<bool> acknowledged(tasks);
    std::size_t committed = 0;
    for (int life = 0; life < 12; ++life) {
      writer child([&](auto& say) { work_off(*s.another(), s.run, life, say); });
      auto said = child.kill_after(random() % 200, std::chrono::microseconds(random() % 3000));
      for (auto position : said) acknowledged[position] = true;

      auto db = s.another();
      auto rows = all_rows(*db, s.run);
      REQUIRE(rows.size() == tasks);
      committed = 0;
      for (std::size_t i = 0; i < tasks; ++i) {
        committed += rows[i].has_outcome;
        if (acknowledged[i]) REQUIRE(rows[i].has_outcome);
        if (!rows[i].has_outcome) continue;
        REQUIRE(rows[i].what.got.reply.text.size() == 500);
        REQUIRE(rows[i].what.got.attempts.size() == 1);
        REQUIRE(rows[i].verdicts.size() == 1);
      }
      CHECK(committed % batch_size == 0);  // a batch is there as a whole or not at all
      CHECK(must(db->missing(s.run)).size() == tasks - committed);
      CHECK(all_attempts(*db, s.run).size() == committed);
      check_sound(s);
    }
    CHECK(committed > 0);
    CHECK(committed < tasks);
    auto db = s.another();
    work_off(*db, s.run, 99, [](std::size_t) {});
    CHECK(must(db->missing(s.run)).empty());
    CHECK(all_attempts(*db, s.run).size() == tasks);
  });
}

TEST_CASE("kill -9 while a plan is put: the next start completes it") {
  constexpr std::size_t tasks = 60'000;
  std::mt19937 random(7);
  on_every_ledger([&](store& s) {
    s.db.reset();
    for (int life = 0; life < 3; ++life) {
      writer child([&](auto& say) {
        auto db = s.another();
        (void)db->put_tasks(s.run, tasks, [&](std::size_t i) {
          if (i % 10'000 == 0) say(i);
          return make_task(i);
        });
      });
      child.kill_after(1 + random() % 6, std::chrono::microseconds(random() % 20'000));
      check_sound(s);
    }
    auto db = s.another();
    put(*db, s.run, tasks);
    CHECK(must(db->missing(s.run)).size() == tasks);
    CHECK(must(db->find_rows(s.run, "sample-59999")).at(0).what.asked == make_task(59'999));
  });
}

TEST_CASE("two processes that commit the same tasks at once record each of them once") {
  constexpr std::size_t tasks = 40 * batch_size;
  on_every_ledger([&](store& s) {
    put(*s.db, s.run, tasks);
    s.db.reset();
    auto work = [&](int life) {
      return [&s, life](auto& say) { work_off(*s.another(), s.run, life, say); };
    };
    writer one(work(1)), two(work(2));
    one.kill_after(tasks, std::chrono::microseconds(0));
    two.kill_after(tasks, std::chrono::microseconds(0));
    auto db = s.another();
    CHECK(must(db->missing(s.run)).empty());
    auto rows = all_rows(*db, s.run);
    REQUIRE(rows.size() == tasks);
    for (const auto& row : rows) REQUIRE(row.what.got.attempts.size() >= 1);
    check_sound(s);
  });
}
