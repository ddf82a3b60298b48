#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "providers/dialects/dialect.hpp"

/// Plays recorded answers to the readers.
namespace assay::tests {

/// An HTTP answer as it stands on the wire.
struct wire {
  int status = 200;
  header_list headers;
  std::string body;
};

inline wire stream_of(std::string body) {
  return {200, {{"Content-Type", "text/event-stream; charset=utf-8"}}, std::move(body)};
}

inline wire json_of(std::string body, int status = 200) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

inline instant at_ms(int ms) { return instant{} + milliseconds(ms); }

/// The answer in pieces of `piece` bytes, the first one of `first` bytes; all at one moment, so
/// that only the cuts differ.
inline exchange_result play_cut(std::string_view dialect, const wire& w, std::size_t first,
                                std::size_t piece, const api_error& broken = {}) {
  auto reader = dialects::find(dialect)->reader({});
  reader->head(w.status, w.headers, at_ms(10));
  std::string_view rest = w.body;
  for (auto size = first; !rest.empty(); size = piece) {
    // A copy of its own, so that a view kept beyond the call is seen by the sanitizer.
    std::string bytes(rest.substr(0, size));
    if (!bytes.empty() && !reader->body(bytes, at_ms(20))) break;
    rest.remove_prefix(bytes.size());
  }
  return reader->finish(broken, at_ms(30));
}

inline exchange_result play(std::string_view dialect, const wire& w, const api_error& broken = {}) {
  return play_cut(dialect, w, w.body.size(), w.body.size(), broken);
}

/// Plays the answer whole, cut in two at every byte, and byte by byte: all must give the same.
inline exchange_result play_at_every_cut(std::string_view dialect, const wire& w) {
  auto whole = play(dialect, w);
  for (std::size_t cut = 1; cut < w.body.size(); ++cut) {
    auto parts = play_cut(dialect, w, cut, w.body.size());
    bool same = parts == whole;
    CHECK_MESSAGE(same, dialect << ": cut after byte " << cut);
  }
  bool same = play_cut(dialect, w, 1, 1) == whole;
  CHECK_MESSAGE(same, dialect << ": byte by byte");
  return whole;
}

/// A `data:` event.
inline std::string event(std::string_view json) { return "data: " + std::string(json) + "\n\n"; }

}  // namespace assay::tests
