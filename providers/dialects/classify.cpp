#include "providers/dialects/classify.hpp"

#include <algorithm>
#include <array>

#include "providers/dialects/durations.hpp"
#include "providers/dialects/error_body.hpp"
#include "providers/dialects/header_fields.hpp"
#include "providers/dialects/utf8.hpp"

namespace assay::dialects {

namespace {

constexpr std::size_t excerpt_length = 200;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool matches(const error_row& row, int status, const error_body& body, std::string_view message) {
  return (row.status == 0 || row.status == status) && (row.word.empty() || body.says(row.word)) &&
         contains(message, row.message) && contains(message, row.message_too);
}

const error_row* first_match(std::span<const error_row> rows, int status, const error_body& body,
                             std::string_view message) {
  auto row = std::find_if(rows.begin(), rows.end(),
                          [&](const error_row& r) { return matches(r, status, body, message); });
  return row == rows.end() ? nullptr : &*row;
}

bool may_be_context(int status, const error_body& body) {
  return (status == 0 || status == 400 || status == 413 || status == 422) &&
         !body.says("string_above_max_length");
}

struct phrase {
  std::string_view words;
  dimension counts;
};

/// In this order: a message about tokens can say `Requested 2000`.
constexpr std::array phrases{
    phrase{"concurren", dimension::concurrency},
    phrase{"in flight", dimension::concurrency},
    phrase{"input tokens", dimension::input_tokens},
    phrase{"inputtokens", dimension::input_tokens},
    phrase{"output tokens", dimension::output_tokens},
    phrase{"tokens per", dimension::tokens},
    phrase{"tokensper", dimension::tokens},
    phrase{"requests per", dimension::requests},
    phrase{"requestsper", dimension::requests},
};

std::optional<dimension> limit_named(const error_body& body, std::string_view message) {
  if (body.says("tokens")) return dimension::tokens;
  if (body.says("requests")) return dimension::requests;
  if (body.says("concurrency")) return dimension::concurrency;
  std::string text(message);
  for (const auto& reason : body.reasons) text.append(" ").append(lower(reason));
  for (const auto& p : phrases)
    if (contains(text, p.words)) return p.counts;
  return std::nullopt;
}

/// `Please try again in 1.2s`, `Please retry after 7 seconds`, `retry in 38.2s`.
std::optional<milliseconds> wait_in(std::string_view message) {
  for (std::string_view lead : {"try again in ", "retry after ", "retry in "}) {
    auto at = message.find(lead);
    if (at == std::string_view::npos) continue;
    auto rest = message.substr(at + lead.size());
    auto word = rest.substr(0, rest.find_first_of(" ,;)"));
    while (word.ends_with('.')) word.remove_suffix(1);
    auto wait = go_duration(word);
    if (wait && wait->count() > 0) return wait;
  }
  return std::nullopt;
}

bool waiting_helps(error_class kind) {
  return is_retryable(kind) || kind == error_class::quota_exhausted;
}

std::optional<milliseconds> wait_of(error_class kind, const error_body& body,
                                    const header_list& headers, std::string_view message) {
  // Gemini names seconds for a quota that comes back at midnight: no word of it is true.
  if (!waiting_helps(kind) || body.says("PerDay")) return std::nullopt;
  if (auto wait = retry_after(headers)) return wait;
  if (body.retry_after && body.retry_after->count() > 0) return body.retry_after;
  return kind == error_class::quota_exhausted ? std::nullopt : wait_in(message);
}

std::string kept(std::string_view text) { return repair_utf8(clip_utf8(text, longest_message)); }

std::string excerpt(std::string_view body) {
  auto text = repair_utf8(clip_utf8(trimmed(body), excerpt_length));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return text;
}

std::string what_came(int status, std::string_view content_type, std::string_view body) {
  std::string out = "HTTP " + std::to_string(status);
  if (!content_type.empty())
    out += " with content type " + excerpt(content_type.substr(0, content_type.find(';')));
  if (auto begin = excerpt(body); !begin.empty()) out += ", beginning `" + begin + "`";
  return out;
}

}  // namespace

api_error classify(const dialect_rows& rows, int status, const header_list& headers,
                   std::string_view body) {
  auto said = read_error_body(body);
  int number = status >= 300 ? status : said.status;
  auto message = lower(said.message);
  const error_row* row = nullptr;
  if (may_be_context(number, said)) row = first_match(context_rows(), number, said, message);
  if (!row) row = first_match(rows.own, number, said, message);
  if (!row) row = first_match(rows.inherited, number, said, message);

  api_error out;
  out.kind = row ? row->kind : class_of_status(number);
  out.code = kept(said.code);
  out.type = kept(said.type);
  out.message = kept(said.message);
  if (out.kind == error_class::rate_limited) {
    out.limited = row ? row->limited : std::nullopt;
    if (!out.limited) out.limited = limit_named(said, message);
  }
  out.retry_after = wait_of(out.kind, said, headers, message);
  if (out.message.empty()) {
    auto type = find_header(headers, "content-type").value_or("");
    out.message = what_came(number ? number : status, type, body);
    bool elsewhere = number < 400 || number == 404 || number == 405;
    if (elsewhere) out.message += "; base_url may be wrong";
  }
  return out;
}

api_error unreadable(int status, std::string_view content_type, std::string_view body,
                     std::string_view why) {
  api_error out;
  out.kind = error_class::server_error;
  out.message =
      std::string(why) + ": " + what_came(status, content_type, body) + "; base_url may be wrong";
  return out;
}

}  // namespace assay::dialects
