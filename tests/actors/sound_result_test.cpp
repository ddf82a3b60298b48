#include "actors/sound_result.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <limits>

using namespace assay;
using namespace assay::actors;
using namespace std::chrono_literals;

namespace {

exchange_result whole() {
  exchange_result r;
  r.tried.at.sent = instant(1s);
  r.tried.at.first_byte = instant(2s);
  r.tried.at.last_content = instant(3s);
  r.tried.at.done = instant(3s);
  r.tried.usage = {10, 0, 0, 5, 0, 0.01};
  r.reply.text = "yes";
  r.tried.limits = {{dimension::requests, 10, 9}};
  return r;
}

}  // namespace

TEST_CASE("what an honest node reports is sound, also without an answer") {
  CHECK(unsound(whole()) == "");
  exchange_result failed;
  failed.tried.error.kind = error_class::transport;
  failed.tried.at.done = instant(1s);
  CHECK(unsound(failed) == "");
}

TEST_CASE("a report that would lead its readers astray is refused, whatever of it is wrong") {
  using change = std::function<void(exchange_result&)>;
  for (const auto& spoil : std::vector<change>{
           [](auto& r) { r.tried.error.kind = static_cast<error_class>(error_class_count); },
           [](auto& r) { r.tried.error.limited = static_cast<dimension>(6); },
           [](auto& r) { r.reply.why = static_cast<finish>(6); },
           [](auto& r) { r.tried.usage.input = -1; }, [](auto& r) { r.reply.usage.output = -1; },
           [](auto& r) { r.tried.usage.billed_usd = std::numeric_limits<double>::quiet_NaN(); },
           [](auto& r) { r.tried.bytes_received = -1; },
           [](auto& r) { r.tried.connecting.tls = -1ns; },
           [](auto& r) { r.tried.round_trip = std::chrono::nanoseconds::max(); },
           [](auto& r) { r.tried.at.done = instant(1500ms); },
           [](auto& r) { r.tried.at.done = {}; },
           [](auto& r) { r.tried.at.first_byte = instant(500ms); },
           [](auto& r) { r.tried.at.sent = instant(duration::min()); },
           [](auto& r) { r.tried.at.first_event = instant(duration::max()); },
           [](auto& r) { r.tried.error.retry_after = milliseconds::max(); },
           [](auto& r) { r.tried.limits[0].reset = milliseconds(-1); },
           [](auto& r) { r.tried.limits[0].window = std::chrono::seconds::max(); },
           [](auto& r) { r.tried.limits[0].counts = static_cast<dimension>(200); },
           [](auto& r) { r.tried.limits[0].limit = std::numeric_limits<double>::quiet_NaN(); }}) {
    auto r = whole();
    spoil(r);
    CHECK(unsound(r) != "");
  }
}

TEST_CASE("a heartbeat tells of a clock that can be") {
  heartbeat beat{.number = 1, .loop_lag = 5ms, .clock_offset = -8h, .clock_error = 2ms};
  CHECK(unsound(beat) == "");
  CHECK(unsound(heartbeat{.number = 1}) == "");
  beat.clock_offset = duration::min();
  CHECK(unsound(beat) == "a clock that cannot be");
  beat.clock_offset = 0ms;
  beat.clock_error = duration::max();
  CHECK(unsound(beat) == "a clock that cannot be");
  beat.clock_error = 0ms;
  beat.loop_lag = -1ms;
  CHECK(unsound(beat) == "a lag that cannot be");
}
