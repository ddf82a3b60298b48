#include "providers/simulated/play.hpp"

#include <algorithm>
#include <iterator>

#include "providers/simulated/wording.hpp"

namespace assay::simulated {

namespace {

constexpr std::size_t events_at_once = 4;
constexpr milliseconds together{1};

duration time_of_token(const tempo& pace, std::size_t i) {
  if (!(pace.tokens_per_second > 0)) return pace.first_token;
  return pace.first_token + from_seconds(static_cast<double>(i) / pace.tokens_per_second);
}

/// The texts of the stream's events, in order.
std::vector<std::string_view> texts_of(const completion& c, const tempo& pace) {
  auto tokens = split_tokens(c.text);
  if (pace.tokens_per_second > 0 || tokens.size() <= events_at_once) return tokens;
  std::vector<std::string_view> texts;
  const std::string_view text = c.text;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= events_at_once; ++i) {
    const auto& last = tokens[tokens.size() * i / events_at_once - 1];
    const auto end = static_cast<std::size_t>(last.data() + last.size() - text.data());
    texts.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return texts;
}

/// The events between the opening and the closing of a stream, in order.
std::vector<std::string> events_of(const wire_format& format, const completion& c,
                                   const tempo& pace) {
  std::vector<std::string> events;
  for (const auto text : texts_of(c, pace)) events.push_back(format.delta(c, text));
  for (std::size_t i = 0; i < c.calls.size(); ++i) {
    auto of_call = format.call_events(c, i, split_tokens(c.calls[i].arguments));
    std::move(of_call.begin(), of_call.end(), std::back_inserter(events));
  }
  return events;
}

/// Appends to the last piece if that is due at about the same time.
void add(reply& r, duration at, const std::string& bytes) {
  if (bytes.empty()) return;
  if (r.pieces.empty() || at - r.pieces.back().after > together) r.pieces.push_back({at, {}});
  r.pieces.back().bytes += bytes;
}

/// How many of `count` events a stream that fails in the middle still sends.
std::size_t part_of(std::size_t count) { return std::max<std::size_t>(1, count / 2); }

bool fails_midway(fault f) {
  return f == fault::cut || f == fault::stall || f == fault::error_event;
}

reply_end end_of(fault f) {
  if (f == fault::cut) return reply_end::cut;
  if (f == fault::stall) return reply_end::hang;
  return reply_end::complete;
}

constexpr std::string_view broken_event =
    "data: {\"id\":\"broken\",\"choices\":[{\"delta\":{\"con\n\n";

}  // namespace

reply play_whole(const wire_format& format, const completion& c, const tempo& pace, fault f,
                 bool as_array) {
  reply r;
  auto body = format.whole(c);
  if (as_array) body = "[" + body + "]";
  if (f == fault::bad_json) body.resize(body.size() / 2);
  r.headers = {{"content-type", "application/json"},
               {"content-length", std::to_string(body.size())}};
  if (fails_midway(f)) body.resize(body.size() / 2);
  const auto last = static_cast<std::size_t>(std::max<std::int64_t>(1, c.output_tokens)) - 1;
  r.pieces.push_back({time_of_token(pace, last), std::move(body)});
  r.ends_after = r.pieces.back().after;
  r.end = end_of(f);
  return r;
}

reply play_stream(const wire_format& format, const completion& c, const tempo& pace, fault f) {
  reply r;
  r.headers = {{"content-type", "text/event-stream; charset=utf-8"}, {"cache-control", "no-cache"}};
  const auto events = events_of(format, c, pace);
  const auto count = fails_midway(f) ? part_of(events.size()) : events.size();
  auto at = pace.first_token;
  add(r, at, format.opening(c));
  for (std::size_t i = 0; i < count; ++i) {
    at = time_of_token(pace, i);
    if (f == fault::bad_json && i == part_of(events.size()) - 1)
      add(r, at, std::string(broken_event));
    add(r, at, events[i]);
  }
  if (f == fault::error_event) add(r, at, format.error_event());
  if (!fails_midway(f)) {
    add(r, at, format.closing(c));
    if (f != fault::no_terminator) add(r, at, format.terminator(c));
  }
  r.ends_after = at;
  r.end = end_of(f);
  return r;
}

}  // namespace assay::simulated
