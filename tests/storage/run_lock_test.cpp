// A run is held by one process.

#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE("a run is held by one at a time, also within a process") {
  on_every_ledger([](store& s) {
    auto held = must(s.db->lock_run(s.run));
    auto other = s.another();
    auto refused = other->lock_run(s.run);
    REQUIRE_FALSE(refused.has_value());
    CHECK(
        refused.error().what.starts_with("run 1 is held by process " + std::to_string(::getpid())));
    CHECK(other->lock_run(s.run + 1).has_value());
    held.reset();
    CHECK(other->lock_run(s.run).has_value());
  });
}

TEST_CASE("a run held by another process is refused with that process's id, until it dies") {
  on_every_ledger([](store& s) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    auto child = ::fork();
    if (child == 0) {
      auto held = s.another()->lock_run(s.run);
      [[maybe_unused]] auto told = ::write(ready[1], held ? "y" : "n", 1);
      ::pause();
    }
    char answer = 0;
    REQUIRE(::read(ready[0], &answer, 1) == 1);
    REQUIRE(answer == 'y');
    auto refused = s.db->lock_run(s.run);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().what.find("process " + std::to_string(child) + " on ") !=
          std::string::npos);
    CHECK(s.db->lock_run(s.run).has_value());
    ::close(ready[0]);
    ::close(ready[1]);
  });
}

TEST_CASE("a lock leaves no file behind, and never lets two in") {
  store s;
  std::atomic<int> inside{0}, most{0}, taken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      auto db = s.another();
      for (int i = 0; i < 500; ++i) {
        auto held = db->lock_run(s.run);
        if (!held) continue;
        auto now = ++inside;
        if (now > most) most = now;
        ++taken;
        --inside;
      }
    });
  for (auto& t : threads) t.join();
  CHECK(most == 1);
  CHECK(taken > 0);
  for (const auto& entry : std::filesystem::directory_iterator(s.folder.path))
    CHECK(entry.path().extension() != ".lock");
}
