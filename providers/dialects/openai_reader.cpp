#include "providers/dialects/openai_reader.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace assay::dialects {

namespace {

enum field : int {
  choice,
  index,
  content,
  finish_reason,
  refusal_text,
  call_piece,
  call_whole,
  call_index,
  call_id,
  call_name,
  call_arguments,
  reasoning_content,
  reasoning_plain,
  error,
  object,
  top_code,
  id,
  model,
  fingerprint,
  tier,
  input,
  output,
  cached,
  cache_write,
  reasoning_tokens,
  billed,
};

constexpr std::array fields{
    json_field{"choices[]", choice},
    json_field{"choices[].delta.content", content},
    json_field{"choices[].delta.content[].text", content},
    json_field{"choices[].delta.reasoning_content", reasoning_content},
    json_field{"choices[].delta.reasoning", reasoning_plain},
    json_field{"choices[].delta.refusal", refusal_text},
    json_field{"choices[].delta.tool_calls[]", call_piece},
    json_field{"choices[].delta.tool_calls[].index", call_index},
    json_field{"choices[].delta.tool_calls[].id", call_id},
    json_field{"choices[].delta.tool_calls[].function.name", call_name},
    json_field{"choices[].delta.tool_calls[].function.arguments", call_arguments},
    json_field{"choices[].index", index},
    json_field{"choices[].finish_reason", finish_reason},
    json_field{"choices[].message.content", content},
    json_field{"choices[].message.content[].text", content},
    json_field{"choices[].message.reasoning_content", reasoning_content},
    json_field{"choices[].message.reasoning", reasoning_plain},
    json_field{"choices[].message.refusal", refusal_text},
    json_field{"choices[].message.tool_calls[]", call_whole},
    json_field{"choices[].message.tool_calls[].id", call_id},
    json_field{"choices[].message.tool_calls[].function.name", call_name},
    json_field{"choices[].message.tool_calls[].function.arguments", call_arguments},
    json_field{"id", id},
    json_field{"object", object},
    json_field{"model", model},
    json_field{"system_fingerprint", fingerprint},
    json_field{"service_tier", tier},
    json_field{"error", error},
    json_field{"code", top_code},
    json_field{"usage.prompt_tokens", input},
    json_field{"usage.completion_tokens", output},
    json_field{"usage.prompt_tokens_details.cached_tokens", cached},
    json_field{"usage.prompt_cache_hit_tokens", cached},
    json_field{"usage.prompt_tokens_details.cache_write_tokens", cache_write},
    json_field{"usage.completion_tokens_details.reasoning_tokens", reasoning_tokens},
    json_field{"usage.cost", billed},
    json_field{"x_groq.error", error},
    json_field{"x_groq.usage.prompt_tokens", input},
    json_field{"x_groq.usage.completion_tokens", output},
    json_field{"x_groq.usage.prompt_tokens_details.cached_tokens", cached},
    json_field{"x_groq.usage.completion_tokens_details.reasoning_tokens", reasoning_tokens},
};

const field_tree& tree() {
  static const field_tree built(fields);
  return built;
}

struct finish_word {
  std::string_view word;
  finish why;
  error_class kind = error_class::none;
};

constexpr std::array finish_words{
    finish_word{"stop", finish::stop},
    finish_word{"eos", finish::stop},
    finish_word{"length", finish::length},
    finish_word{"tool_calls", finish::tool_calls},
    finish_word{"function_call", finish::tool_calls},
    finish_word{"content_filter", finish::content_filter},
    finish_word{"refusal", finish::refusal},
    finish_word{"insufficient_system_resource", finish::unknown, error_class::overloaded},
    finish_word{"error", finish::unknown, error_class::server_error},
};

finish_word meaning_of(std::string_view word) {
  const auto* known = std::find_if(finish_words.begin(), finish_words.end(),
                                   [&](const finish_word& w) { return w.word == word; });
  return known == finish_words.end() ? finish_word{word, finish::unknown} : *known;
}

}  // namespace

openai_reader::openai_reader(const openai_quirks& quirks)
    : wire_reader(quirks.errors, quirks.rates, tree()), quirks_(quirks) {}

void openai_reader::begin_document() {
  choices_ = 0;
  other_choice_ = false;
  bare_code_ = false;
}

void openai_reader::take(int field, const json_value& value) {
  if (field <= reasoning_plain) return take_choice(field, value);
  if (field >= input) return take_usage(field, value);
  switch (field) {
    case error:
      if (value.truthy()) found_error();
      break;
    case object:
      if (value.text == "error") found_error();
      break;
    case top_code:
      bare_code_ = value.is_text() && !value.text.empty();
      break;
    case id:
      set_once(reply_.response_id, value);
      break;
    case model:
      set_once(reply_.model, value);
      break;
    case fingerprint:
      set_once(reply_.system_fingerprint, value);
      break;
    case tier:
      if (value.is_text()) reply_.service_tier = value.text;
      break;
  }
}

void openai_reader::take_choice(int field, const json_value& value) {
  if (field == choice) {
    ++choices_;
    other_choice_ = choices_ > 1;
    return;
  }
  if (other_choice_) return;
  if (field >= call_piece && field <= call_arguments) return take_call(field, value);
  switch (field) {
    case index:
      other_choice_ = value.count().value_or(0) > 0;
      if (other_choice_) drop_document_text();
      break;
    case content:
      append(reply_.text, value, "choices[].content");
      break;
    case refusal_text:
      append(reply_.refusal, value, "choices[].refusal");
      break;
    case finish_reason:
      if (!value.is_text()) break;
      finish_seen_ = true;
      reply_.finish_reason = value.text;
      break;
    default:
      take_reasoning(field, value);
  }
}

void openai_reader::take_call(int field, const json_value& value) {
  using place = call_collector::place;
  if (field == call_piece || field == call_whole)
    return begin_call(field == call_piece ? place::either : place::opens, value,
                      "choices[].tool_calls[]");
  auto& piece = calls_.now();
  if (field == call_index)
    piece.index = value.count();
  else if (field == call_id)
    append(piece.part.id, value, "tool_calls[].id", false);
  else if (field == call_name)
    append(piece.part.name, value, "tool_calls[].function.name", false);
  else
    append(piece.part.arguments, value, "tool_calls[].function.arguments", false);
}

void openai_reader::take_reasoning(int field, const json_value& value) {
  if (!value.is_text() || value.text.empty()) return;
  if (reasoning_field_ == 0) reasoning_field_ = field;
  if (reasoning_field_ == field) reply_.reasoning.append(value.text);
}

void openai_reader::take_usage(int field, const json_value& value) {
  auto& usage = reply_.usage;
  switch (field) {
    case input:
      set_count(usage.input, value);
      break;
    case output:
      set_count(usage.output, value);
      break;
    case cached:
      set_count(usage.cached_input, value);
      break;
    case cache_write:
      set_count(usage.cache_write, value);
      break;
    case reasoning_tokens:
      set_count(usage.reasoning, value);
      break;
    case billed:
      if (auto cost = value.amount(); cost && *cost >= 0) usage.billed_usd = cost;
      break;
  }
}

void openai_reader::end_document(instant) {
  // DashScope's native errors stand at the top level.
  if (bare_code_ && choices_ == 0) found_error();
}

void openai_reader::done_marker(instant now) {
  if (finish_seen_ || quirks_.bare_done)
    complete(now);
  else
    fail(error_class::transport, "the stream ended with [DONE], but without a finish_reason");
}

std::string_view openai_reader::missing_in_document() const {
  if (choices_ == 0) return "the answer has no choices";
  bool holds_something =
      finish_seen_ || !reply_.text.empty() || !reply_.refusal.empty() || !calls_.empty();
  return holds_something ? "" : "the first choice of the answer holds no message";
}

void openai_reader::settle(bool whole) {
  if (quirks_.wants_thinking && whole && !reply_.calls.empty() && !reply_.reasoning.empty())
    reply_.thinking = nlohmann::json{{"reasoning_content", reply_.reasoning}}.dump(
        -1, ' ', false, nlohmann::json::error_handler_t::replace);
  reply_.why = meaning_of(reply_.finish_reason).why;
  bool plain = reply_.why == finish::stop || reply_.why == finish::unknown;
  if (!reply_.refusal.empty() && plain) reply_.why = finish::refusal;
}

error_class openai_reader::class_of_finish() const { return meaning_of(reply_.finish_reason).kind; }

}  // namespace assay::dialects
