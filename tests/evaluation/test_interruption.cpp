#include "evaluation/sandbox/interruption.hpp"

#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "evaluation/judges/program_runs.hpp"

using namespace assay;
using namespace assay::sandbox;

namespace {

/// Null where programs cannot be confined.
std::shared_ptr<const box> open_box() {
  auto opened = box::open({});
  if (!opened) MESSAGE("skipped, there is no sandbox here: " << render(opened.error()));
  return opened ? *opened : nullptr;
}

/// Ends by itself only when its time is over.
command endless() { return {{"/usr/bin/sleep", "1000"}, {}, {}}; }

constexpr auto called_off = "the program was called off";

}  // namespace

TEST_CASE("another thread ends a program that runs, and nothing under it starts any more") {
  auto in = open_box();
  if (!in) return;
  interruption stop;
  CHECK_FALSE(stop.raised());
  std::promise<void> begun;
  auto ended = std::async(std::launch::async, [&] {
    interruption::scope under(stop);
    begun.set_value();
    auto first = in->run(endless());
    return std::pair{first, in->run({{"/usr/bin/true"}, {}, {}})};
  });
  begun.get_future().wait();
  stop.raise();
  auto [first, second] = ended.get();
  REQUIRE_FALSE(first);
  CHECK(first.error().what == called_off);
  REQUIRE_FALSE(second);
  CHECK(second.error().what == called_off);
  CHECK(in->run({{"/usr/bin/true"}, {}, {}}));
}

TEST_CASE("who waits for a program that is interrupted for another runs it itself") {
  auto in = open_box();
  if (!in) return;
  evaluation::program_runs runs(in);
  command short_sleep{{"/usr/bin/sleep", "0.3"}, {}, {}};
  interruption stop;
  std::promise<void> begun;
  auto interrupted = std::async(std::launch::async, [&] {
    interruption::scope under(stop);
    begun.set_value();
    return runs.run(short_sleep);
  });
  begun.get_future().wait();
  auto waits = std::async(std::launch::async, [&] { return runs.run(short_sleep); });
  stop.raise();
  interrupted.wait();  // with nothing, or with what the other one ran, if that was earlier
  auto result = waits.get();
  REQUIRE(result);
  CHECK(result->good());
}

TEST_CASE("a thread is under an interruption as long as its scope lives, and no longer") {
  interruption stop;
  CHECK(interruption::current() == nullptr);
  {
    interruption::scope under(stop);
    CHECK(interruption::current() == &stop);
  }
  CHECK(interruption::current() == nullptr);
}
