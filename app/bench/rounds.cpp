#include "app/bench/rounds.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <iterator>

namespace assay::bench {

using namespace std::chrono_literals;

namespace {

constexpr auto look_every = 100ms;
constexpr auto grace_after_stop = 5s;

instant now() { return std::chrono::steady_clock::now(); }

}  // namespace

std::vector<std::string> gather(caller& calls, const gathering_wishes& wanted,
                                const surroundings& world) {
  gathering here(wanted, now());
  while (true) {
    auto ready = calls.status().places;
    if (here.is_over(ready, now())) return ready;
    if (world.wait(look_every)) return {};
  }
}

rounds_made make_rounds(caller& calls, round_plan plan, const surroundings& world) {
  rounds_made made;
  instant stop_by{};
  calls.begin(std::move(plan));
  while (true) {
    made.end = calls.status();
    auto ended = calls.take();
    std::move(ended.begin(), ended.end(), std::back_inserter(made.requests));
    world.progress(made.end);
    if (made.end.finished && made.end.ended == made.requests.size()) break;
    if (stop_by != instant{} && now() > stop_by) break;
    if (!world.wait(look_every)) continue;
    if (std::exchange(made.interrupted, true)) {
      if (stop_by == instant{}) stop_by = now() + grace_after_stop;
      calls.stop();
    } else {
      spdlog::warn("interrupt: the round under way is the last; Ctrl-C again calls it off");
      calls.drain("interrupted");
    }
  }
  return made;
}

}  // namespace assay::bench
