#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "tests/providers/simulated/asking.hpp"

using namespace assay;
using namespace assay::tests;
using simulated::reply_end;

namespace {

const char* const prompt = "How much is item no. 1 worth?";

simulated::service always(double mock_faults::*fault) {
  auto settings = mock_with(model_named("m"));
  settings.models[0].output_tokens = {12, 12};
  settings.models[0].tokens_per_second = 100;
  settings.faults.*fault = 1;
  return simulated::service(settings, numbered(3));
}

simulated::service::handled streamed(double mock_faults::*fault,
                                     const char* path = "/v1/chat/completions") {
  auto s = always(fault);
  auto h = ask(s, chat(prompt, {{"stream", true}, {"max_tokens", 50}}), start, path);
  CHECK(h.holds_slot);
  CHECK_FALSE(h.log.right);
  return h;
}

simulated::service::handled whole(double mock_faults::*fault,
                                  const char* path = "/v1/chat/completions") {
  auto s = always(fault);
  return ask(s, chat(prompt, {{"max_tokens", 50}}), start, path);
}

}  // namespace

TEST_CASE("errors that are injected look like the provider's own") {
  CHECK(whole(&mock_faults::http_500).what.status == 500);
  CHECK(body_of(whole(&mock_faults::http_500).what)["error"]["type"] == "server_error");
  CHECK(whole(&mock_faults::overloaded).what.status == 503);
  CHECK(body_of(whole(&mock_faults::overloaded).what)["error"]["code"] == "server_is_overloaded");
  CHECK(whole(&mock_faults::overloaded, "/v1/messages").what.status == 529);
  CHECK(body_of(whole(&mock_faults::overloaded, "/v1/messages").what)["error"]["type"] ==
        "overloaded_error");
  const auto limited = whole(&mock_faults::http_429);
  CHECK(limited.what.status == 429);
  CHECK(header_of(limited.what, "retry-after") == "1");
  CHECK(limited.log.fault == "http_429");
  CHECK(limited.log.status == 429);
  CHECK_FALSE(limited.log.right);
  CHECK(limited.holds_slot);
}

TEST_CASE("close and hang send no byte") {
  const auto closed = whole(&mock_faults::close);
  CHECK(closed.what.status == 0);
  CHECK(closed.what.pieces.empty());
  CHECK(closed.what.end == reply_end::cut);
  CHECK(closed.holds_slot);
  const auto hanging = streamed(&mock_faults::hang);
  CHECK(hanging.what.status == 0);
  CHECK(hanging.what.pieces.empty());
  CHECK(hanging.what.end == reply_end::hang);
}

TEST_CASE("cut and stall end a stream in the middle, without finish or terminator") {
  for (const auto fault : {&mock_faults::cut, &mock_faults::stall}) {
    const auto h = streamed(fault);
    CHECK(h.what.status == 200);
    CHECK(h.what.end == (fault == &mock_faults::cut ? reply_end::cut : reply_end::hang));
    CHECK(h.what.pieces.size() == 6);
    CHECK(h.what.ends_after == milliseconds(100));
    CHECK(bytes_of(h.what).find("[DONE]") == std::string::npos);
    CHECK(bytes_of(h.what).find("\"stop\"") == std::string::npos);
  }
}

TEST_CASE("a whole answer that is cut falls short of its content-length") {
  const auto h = whole(&mock_faults::cut);
  CHECK(h.what.end == reply_end::cut);
  CHECK(std::stoul(header_of(h.what, "content-length")) > bytes_of(h.what).size());
}

TEST_CASE("an error event ends a stream that began with 200") {
  const auto openai = events_of(bytes_of(streamed(&mock_faults::error_event).what));
  CHECK(json::parse(openai.back().data)["error"]["type"] == "server_error");
  const auto h = streamed(&mock_faults::error_event, "/v1/messages");
  CHECK(h.what.status == 200);
  CHECK(h.what.end == reply_end::complete);
  const auto claude = events_of(bytes_of(h.what));
  CHECK(claude.back().name == "error");
  CHECK(json::parse(claude.back().data) ==
        json::parse(
            R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"));
}

TEST_CASE("without terminator everything comes but the very last event") {
  const auto openai = bytes_of(streamed(&mock_faults::no_terminator).what);
  CHECK(openai.find("\"stop\"") != std::string::npos);
  CHECK(openai.find("[DONE]") == std::string::npos);
  const auto claude = bytes_of(streamed(&mock_faults::no_terminator, "/v1/messages").what);
  CHECK(claude.find("message_delta") != std::string::npos);
  CHECK(claude.find("message_stop") == std::string::npos);
}

TEST_CASE("bad JSON breaks one event of a stream, or a whole answer") {
  int broken = 0;
  for (const auto& e : events_of(bytes_of(streamed(&mock_faults::bad_json).what)))
    broken += e.data != "[DONE]" && !json::accept(e.data) ? 1 : 0;
  CHECK(broken == 1);
  const auto h = whole(&mock_faults::bad_json);
  CHECK(h.what.end == reply_end::complete);
  CHECK(body_of(h.what).is_discarded());
  CHECK(header_of(h.what, "content-length") == std::to_string(bytes_of(h.what).size()));
}

TEST_CASE("faults of streams do not strike whole answers") {
  for (const auto fault : {&mock_faults::error_event, &mock_faults::no_terminator}) {
    const auto h = whole(fault);
    CHECK(h.what.status == 200);
    CHECK(h.log.fault.empty());
    CHECK(h.log.right);
    CHECK(text_of(h.what).ends_with("1001"));
  }
}

TEST_CASE("each fault strikes with its own frequency") {
  auto settings = mock_with(model_named("m"));
  const std::vector<std::pair<double mock_faults::*, std::string>> mix = {
      {&mock_faults::http_500, "http_500"},
      {&mock_faults::http_429, "http_429"},
      {&mock_faults::overloaded, "overloaded"},
      {&mock_faults::close, "close"},
      {&mock_faults::hang, "hang"},
      {&mock_faults::cut, "cut"},
      {&mock_faults::stall, "stall"},
      {&mock_faults::error_event, "error_event"},
      {&mock_faults::no_terminator, "no_terminator"},
      {&mock_faults::bad_json, "bad_json"}};
  double chance = 0.01;
  for (const auto& [fault, name] : mix) settings.faults.*fault = chance, chance += 0.01;
  simulated::service s(settings, {});
  std::map<std::string, int> seen;
  const int n = 20'000;
  for (int i = 0; i < n; ++i) {
    ++seen[ask(s, chat("prompt " + std::to_string(i), {{"stream", true}})).log.fault];
    s.release();
  }
  for (const auto& [fault, name] : mix) {
    const double p = settings.faults.*fault;
    CHECK(std::abs(seen[name] / double(n) - p) < 4 * std::sqrt(p * (1 - p) / n));
  }
}

TEST_CASE("asking again draws anew, and a second service draws the same") {
  auto settings = mock_with(model_named("m"));
  settings.faults.http_500 = 0.5;
  simulated::service a(settings, {}), b(settings, {});
  std::string first, second;
  for (int i = 0; i < 200; ++i) {
    first += ask(a, chat("hi")).log.fault.empty() ? '.' : 'x';
    second += ask(b, chat("hi"), start + milliseconds(i)).log.fault.empty() ? '.' : 'x';
  }
  CHECK(first == second);
  const auto struck = std::count(first.begin(), first.end(), 'x');
  CHECK(struck > 70);
  CHECK(struck < 130);
}
