#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "providers/dialects/dialect.hpp"

namespace assay::fuzz {

/// Feeds an answer to the reader of a dialect, in pieces of `piece` bytes.
inline exchange_result read_in_pieces(std::string_view dialect, const chat_request& asked,
                                      int status, std::string_view body, std::size_t piece) {
  auto reader = dialects::find(dialect)->reader(asked);
  instant now = instant{} + milliseconds(1);
  reader->head(status, {{"content-type", "text/event-stream"}}, now);
  while (!body.empty()) {
    std::string bytes(body.substr(0, piece));
    reader->body(bytes, now);
    body.remove_prefix(bytes.size());
  }
  return reader->finish({}, now);
}

/// `choice` picks the status and the size of the pieces; from 128 on it asks for two embeddings.
/// Nothing may crash, the result may not depend on the pieces, an error has a class and a message,
/// and an error keeps no text.
inline void read_answer(std::string_view dialect, unsigned choice, std::string_view body) {
  constexpr std::array<int, 4> statuses{200, 200, 400, 429};
  int status = statuses[choice % statuses.size()];
  chat_request asked;
  asked.messages.resize(2);
  if (choice >= 128) asked.to = endpoint::embeddings;
  auto whole = read_in_pieces(dialect, asked, status, body, body.size());
  if (!(read_in_pieces(dialect, asked, status, body, choice / 4 % 32 + 1) == whole)) std::abort();
  const auto& error = whole.tried.error;
  bool failed = error.kind != error_class::none;
  if (status >= 400 && !failed) std::abort();
  if (failed && error.message.empty()) std::abort();
  bool keeps =
      !failed || error.kind == error_class::refusal || error.kind == error_class::content_filtered;
  if (!keeps && !(whole.reply.text.empty() && whole.reply.calls.empty())) std::abort();
  for (const auto& call : whole.reply.calls)
    if (call.id.empty() || call.arguments.empty() || (!failed && call.name.empty())) std::abort();
}

}  // namespace assay::fuzz
