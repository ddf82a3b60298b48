#include "providers/simulated/playback.hpp"

namespace assay::simulated {

namespace {

api_error timed_out(const char* which, milliseconds after) {
  return {
      .kind = error_class::timeout,
      .message = std::string{which} + " time-out after " + std::to_string(after.count()) + " ms"};
}

/// The next moment at which something of the exchange is over time.
struct deadline {
  instant when;
  api_error error;
};

deadline next_deadline(bool answering, instant last, instant sent, const timeouts& limits) {
  auto quiet = answering ? limits.idle : limits.first_byte;
  auto silence = last + quiet;
  auto total = sent + limits.total;
  if (total < silence) return {total, timed_out("total", limits.total)};
  return {silence, timed_out(answering ? "idle" : "first byte", quiet)};
}

}  // namespace

played play(const reply& answer, dialects::answer_reader& reader, const timeouts& limits,
            instant sent) {
  auto finish = [&](const api_error& error, instant at) {
    auto result = reader.finish(error, at);
    result.tried.at.sent = sent;
    return played{std::move(result), at};
  };
  auto last = sent;
  bool answering = false;
  for (const auto& piece : answer.pieces) {
    auto at = sent + piece.after;
    auto due = next_deadline(answering, last, sent, limits);
    if (at > due.when) return finish(due.error, due.when);
    if (!answering) reader.head(answer.status, answer.headers, at);
    answering = true;
    last = at;
    if (!reader.body(piece.bytes, at))
      return finish({.kind = error_class::server_error, .message = "the answer is too large"}, at);
  }
  auto at = sent + answer.ends_after;
  auto due = next_deadline(answering, last, sent, limits);
  if (answer.end == reply_end::hang || at > due.when) return finish(due.error, due.when);
  if (answer.end == reply_end::cut || answer.status == 0)
    return finish({.kind = error_class::transport, .message = "connection closed by the server"},
                  at);
  if (!answering) reader.head(answer.status, answer.headers, at);
  return finish({}, at);
}

}  // namespace assay::simulated
