#include "providers/dialects/wire_reader.hpp"

#include <algorithm>
#include <array>

#include "providers/dialects/classify.hpp"
#include "providers/dialects/error_body.hpp"
#include "providers/dialects/header_fields.hpp"
#include "providers/dialects/utf8.hpp"

namespace assay::dialects {

namespace {

constexpr std::size_t opening_length = 256;
constexpr std::size_t longest_error_body = 64u << 10;
constexpr std::size_t longest_id = 200;

/// Before an answer: blank lines (keep-alive of DeepSeek) and a byte order mark.
constexpr std::string_view leading = " \t\r\n\xEF\xBB\xBF";

constexpr std::array<std::string_view, 6> id_headers{"x-request-id",    "request-id",
                                                     "x-generation-id", "x-together-traceid",
                                                     "apim-request-id", "cf-ray"};

std::string id_in(const header_list& headers) {
  for (auto name : id_headers)
    if (auto value = find_header(headers, name); value && !value->empty())
      return repair_utf8(clip_utf8(*value, longest_id));
  return {};
}

std::string_view name_of(json_value::kind kind) {
  constexpr std::array<std::string_view, 6> names{"null",     "true or false", "a number",
                                                  "a string", "an object",     "an array"};
  return names[static_cast<std::size_t>(kind)];
}

bool keeps_text(error_class kind) {
  return kind == error_class::none || kind == error_class::refusal ||
         kind == error_class::content_filtered;
}

}  // namespace

void set_once(std::string& where, const json_value& value) {
  if (where.empty() && value.is_text()) where = value.text;
}

void set_count(std::optional<std::int64_t>& where, const json_value& value) {
  if (auto count = value.count()) where = count;
}

void wire_reader::head(int status, const header_list& headers, instant now) {
  tried_.http_status = status;
  tried_.request_id = id_in(headers);
  tried_.limits = rate_headers(rates_, headers);
  tried_.at.first_byte = now;
  content_type_ = find_header(headers, "content-type").value_or("");
  if (status >= 300) headers_ = headers;
}

bool wire_reader::body(std::string_view bytes, instant now) {
  tried_.bytes_received += static_cast<std::int64_t>(bytes.size());
  if (tried_.bytes_received > static_cast<std::int64_t>(max_answer)) too_large_ = true;
  if (too_large_) return false;
  if (opening_.size() < opening_length)
    opening_.append(bytes.substr(0, opening_length - opening_.size()));
  if (tried_.http_status >= 300) {
    buffer_.append(
        bytes.substr(0, longest_error_body - std::min(longest_error_body, buffer_.size())));
    return true;
  }
  if (form_ == form::unknown) recognise(bytes);
  if (form_ == form::document) buffer_.append(bytes);
  if (form_ == form::stream && !is_over() &&
      !sse_.feed(bytes, [&](const sse_event& event) { take_event(event, now); }))
    fail(error_class::server_error, "an event of the stream is larger than 8 MiB");
  return true;
}

void wire_reader::recognise(std::string_view& bytes) {
  bytes.remove_prefix(std::min(bytes.find_first_not_of(leading), bytes.size()));
  if (bytes.empty()) return;
  constexpr std::string_view of_streams = ":deir";  // comment, data, event, id, retry
  constexpr std::string_view of_json = "{[\"0123456789-tfn";
  if (of_streams.find(bytes.front()) != std::string_view::npos)
    form_ = form::stream;
  else if (of_json.find(bytes.front()) != std::string_view::npos)
    form_ = form::document;
  else
    form_ = form::other;
}

void wire_reader::take_event(const sse_event& event, instant now) {
  auto data = trimmed(event.data);
  if (is_over() || data.empty()) return;
  ++events_;
  if (tried_.at.first_event == instant{}) tried_.at.first_event = now;
  if (same_word(data.substr(0, 6), "[DONE]")) return done_marker(now);
  before_ = {reply_.text.size(), reply_.reasoning.size(), reply_.refusal.size(), calls_.size()};
  if (!read_document(data)) {
    cut_ = at_end_;
    if (!cut_)
      fail(error_class::server_error, "an event of the stream is not JSON: `" +
                                          repair_utf8(clip_utf8(data, opening_length)) + "`");
  } else if (close_document(now); error_in_document_ || event.name == "error") {
    failed_ = classify(rows_, tried_.http_status, {}, data);
  } else if (!misfit_.empty()) {
    fail(error_class::server_error, misfit_);
  } else {
    mark_growth(now);
  }
  if (failed_) tried_.at.done = now;
}

bool wire_reader::read_document(std::string_view json) {
  auto read = [this](std::string_view text) {
    error_in_document_ = false;
    misfit_.clear();
    begin_document();
    bool good = scan_fields(fields_, text, *this);
    if (!good) drop_document_text();
    return good;
  };
  if (read(json)) return true;
  auto repaired = repair_json_text(json);
  return repaired != json && read(repaired);
}

void wire_reader::close_document(instant now) {
  end_document(now);
  if (!calls_.commit())
    misfit("the answer has more than " + std::to_string(call_collector::most) + " tool calls");
}

void wire_reader::drop_document_text() {
  calls_.drop();
  reply_.text.resize(before_.text);
  reply_.reasoning.resize(before_.reasoning);
  reply_.refusal.resize(before_.refusal);
}

void wire_reader::mark_growth(instant now) {
  auto& at = tried_.at;
  if (reply_.reasoning.size() > before_.reasoning && at.first_reasoning == instant{})
    at.first_reasoning = now;
  if (reply_.text.size() == before_.text && calls_.size() == before_.calls) return;
  if (at.first_content == instant{}) at.first_content = now;
  at.last_content = now;
  ++tried_.content_events;
}

void wire_reader::misfit(std::string what) {
  if (misfit_.empty()) misfit_ = std::move(what);
}

void wire_reader::misfit(const json_value& value, std::string_view path,
                         std::string_view expected) {
  misfit(std::string(path) + " is " + std::string(name_of(value.is)) + ", " +
         std::string(expected) + " was expected");
}

void wire_reader::append(std::string& where, const json_value& value, std::string_view path,
                         bool parts) {
  using kind = json_value::kind;
  if (value.is_text())
    where.append(value.text);
  else if (value.is != kind::null && !(parts && value.is == kind::array))
    misfit(value, path, "text");
}

void wire_reader::begin_call(call_collector::place is, const json_value& value,
                             std::string_view path) {
  calls_.begin(is);
  if (value.is != json_value::kind::object) misfit(value, path, "an object");
}

void wire_reader::take_arguments(const json_value& value, std::string_view path) {
  using kind = json_value::kind;
  if (value.is == kind::object)
    calls_.now().part.arguments = compact_json(value.text);
  else if (value.is != kind::null)
    misfit(value, path, "an object");
}

void wire_reader::complete(instant now) {
  if (is_over()) return;
  complete_ = true;
  tried_.at.done = now;
}

void wire_reader::fail(error_class kind, std::string message) {
  if (failed_) return;
  failed_.emplace();
  failed_->kind = kind;
  failed_->message = std::move(message);
}

void wire_reader::read_whole(instant now) {
  before_ = {};
  auto json = trimmed(buffer_);
  if (!read_document(json)) {
    failed_ = unreadable(tried_.http_status, content_type_, json, "the answer is not JSON");
  } else if (close_document(now); error_in_document_) {
    failed_ = classify(rows_, tried_.http_status, {}, json);
  } else if (!misfit_.empty()) {
    fail(error_class::server_error, misfit_);
  } else if (auto missing = missing_in_document(); !missing.empty()) {
    failed_ = unreadable(tried_.http_status, content_type_, json, missing);
  } else {
    complete(now);
  }
}

api_error wire_reader::no_end() const {
  bool stream_type = content_type_.find("event-stream") != std::string::npos;
  bool was_stream = form_ == form::stream && (stream_type || events_ > 0);
  if (was_stream || (form_ == form::unknown && stream_type)) {
    api_error out;
    out.kind = error_class::transport;
    out.message = "the stream ended without its terminator";
    return out;
  }
  auto why = form_ == form::unknown ? "the answer is empty" : "the answer is not one of this API";
  return unreadable(tried_.http_status, content_type_, opening_, why);
}

api_error wire_reader::verdict(const api_error& transport_error, instant now) {
  bool interrupted = transport_error.kind != error_class::none;
  if (transport_error.kind == error_class::cancelled && !is_over()) return transport_error;
  if (tried_.http_status == 0) {
    if (interrupted) return transport_error;
    fail(error_class::transport, "the connection was closed without an answer");
    return *failed_;
  }
  if (interrupted && tried_.http_status >= 300 && tried_.http_status < 400)
    return transport_error;  // it knows where the redirect leads
  if (tried_.http_status >= 300)
    return classify(rows_, tried_.http_status, headers_, trimmed(buffer_));
  if (too_large_) {
    fail(error_class::server_error, "the answer is larger than 32 MiB");
    return *failed_;
  }
  if (!interrupted && !is_over()) {
    if (form_ == form::document)
      read_whole(now);
    else if (form_ == form::stream && !cut_ && ends_with_the_bytes())
      complete(now);
  }
  if (failed_) return *failed_;
  if (complete_) return {};
  return interrupted ? transport_error : no_end();
}

api_error wire_reader::judge_finish() const {
  api_error out;
  out.kind = class_of_finish();
  if (out.kind != error_class::none) {
    out.message = "the provider ended the answer with `" + reply_.finish_reason + "`";
  } else if (reply_.why == finish::content_filter) {
    out.kind = error_class::content_filtered;
    out.message = "the provider's content filter stopped the answer";
  } else if (reply_.why == finish::refusal) {
    out.kind = error_class::refusal;
    out.message = reply_.refusal.empty() ? "the model declined" : reply_.refusal;
  } else {
    return out;
  }
  out.message = clip_utf8(out.message, longest_message);
  out.code = clip_utf8(reply_.finish_reason, longest_id);
  return out;
}

exchange_result wire_reader::finish(const api_error& transport_error, instant now) {
  if (form_ == form::stream && !is_over()) {
    at_end_ = true;
    sse_.end([&](const sse_event& event) { take_event(event, now); });
  }
  auto error = verdict(transport_error, now);
  if (error.kind == error_class::none && !calls_.all_named())
    error = {.kind = error_class::server_error, .message = "a tool call of the answer has no name"};
  reply_.calls = calls_.take();
  settle(error.kind == error_class::none);
  bool plain = reply_.why == finish::stop || reply_.finish_reason.empty();
  if (error.kind == error_class::none && !reply_.calls.empty() && plain)
    reply_.why = finish::tool_calls;
  if (error.kind == error_class::none) error = judge_finish();
  if (!keeps_text(error.kind)) {
    reply_.text.clear();
    reply_.reasoning.clear();
    reply_.calls.clear();
    reply_.thinking.clear();
  }
  if (tried_.request_id.empty() && tried_.http_status >= 300)
    tried_.request_id = clip_utf8(read_error_body(buffer_).request_id, longest_id);
  if (tried_.at.done == instant{}) tried_.at.done = now;
  tried_.error = std::move(error);
  tried_.usage = reply_.usage;
  return {std::move(tried_), std::move(reply_)};
}

}  // namespace assay::dialects
