#include "providers/dialects/anthropic_reader.hpp"

#include <algorithm>
#include <array>

namespace assay::dialects {

namespace {

enum field : int {
  type,
  block,
  block_index,
  block_type,
  block_id,
  block_name,
  block_input,
  input_piece,
  text,
  thinking,
  signature,
  hidden_thinking,
  stop_reason,
  content,
  error,
  id,
  model,
  tier,
  input,
  cache_read,
  cache_write,
  output,
  reasoning_tokens,
};

constexpr std::array fields{
    json_field{"type", type},
    json_field{"delta.text", text},
    json_field{"delta.thinking", thinking},
    json_field{"delta.signature", signature},
    json_field{"delta.partial_json", input_piece},
    json_field{"delta.stop_reason", stop_reason},
    json_field{"index", block_index},
    json_field{"content_block", block},
    json_field{"content_block.type", block_type},
    json_field{"content_block.id", block_id},
    json_field{"content_block.name", block_name},
    json_field{"content_block.input", block_input, true},
    json_field{"content_block.text", text},
    json_field{"content_block.thinking", thinking},
    json_field{"content_block.signature", signature},
    json_field{"content_block.data", hidden_thinking},
    json_field{"usage.input_tokens", input},
    json_field{"usage.output_tokens", output},
    json_field{"usage.cache_read_input_tokens", cache_read},
    json_field{"usage.cache_creation_input_tokens", cache_write},
    json_field{"usage.output_tokens_details.thinking_tokens", reasoning_tokens},
    json_field{"usage.output_tokens_details.reasoning_tokens", reasoning_tokens},
    json_field{"usage.service_tier", tier},
    json_field{"message.id", id},
    json_field{"message.model", model},
    json_field{"message.usage.input_tokens", input},
    json_field{"message.usage.output_tokens", output},
    json_field{"message.usage.cache_read_input_tokens", cache_read},
    json_field{"message.usage.cache_creation_input_tokens", cache_write},
    json_field{"message.usage.service_tier", tier},
    json_field{"error", error},
    json_field{"id", id},
    json_field{"model", model},
    json_field{"content", content},
    json_field{"content[]", block},
    json_field{"content[].type", block_type},
    json_field{"content[].id", block_id},
    json_field{"content[].name", block_name},
    json_field{"content[].input", block_input, true},
    json_field{"content[].text", text},
    json_field{"content[].thinking", thinking},
    json_field{"content[].signature", signature},
    json_field{"content[].data", hidden_thinking},
    json_field{"stop_reason", stop_reason},
};

const field_tree& tree() {
  static const field_tree built(fields);
  return built;
}

struct stop_word {
  std::string_view word;
  finish why;
};

constexpr std::array stop_words{
    stop_word{"end_turn", finish::stop},
    stop_word{"stop_sequence", finish::stop},
    stop_word{"max_tokens", finish::length},
    stop_word{"model_context_window_exceeded", finish::length},
    stop_word{"tool_use", finish::tool_calls},
    stop_word{"refusal", finish::refusal},
};

finish meaning_of(std::string_view word) {
  const auto* known = std::find_if(stop_words.begin(), stop_words.end(),
                                   [&](const stop_word& w) { return w.word == word; });
  return known == stop_words.end() ? finish::unknown : known->why;
}

}  // namespace

anthropic_reader::anthropic_reader()
    : wire_reader(anthropic_rows, rate_family::anthropic, tree()) {}

void anthropic_reader::begin_document() {
  block_.reset();
  thinking_.drop();
  content_seen_ = false;
  last_event_ = false;
}

void anthropic_reader::take_type(std::string_view name) {
  last_event_ = name == "message_stop";
  if (name == "error") found_error();
}

/// Blocks of other types than `tool_use` are no calls of tools that we have offered.
void anthropic_reader::take_block(int field, const json_value& value) {
  using place = call_collector::place;
  switch (field) {
    case block_index:
      block_ = value.count();
      return;
    case block:
      begin_call(place::opens, value, "content[]");
      calls_.now().counts = false;
      thinking_.open();
      return;
    case input_piece:
      calls_.begin(place::continues);
      append(calls_.now().part.arguments, value, "delta.partial_json", false);
      return;
    case block_type:
      calls_.now().counts = value.is_text() && value.text == "tool_use";
      thinking_.now().type = value.text;
      return;
    case block_id:
      return append(calls_.now().part.id, value, "content[].id", false);
    case block_name:
      return append(calls_.now().part.name, value, "content[].name", false);
    case block_input:
      take_arguments(value, "content[].input");
      // What a stream begins with; the arguments follow in pieces.
      if (calls_.now().part.arguments == "{}") calls_.now().part.arguments.clear();
  }
}

void anthropic_reader::take(int field, const json_value& value) {
  if (field >= block && field <= input_piece) return take_block(field, value);
  switch (field) {
    case type:
      take_type(value.text);
      break;
    case text:
      append(reply_.text, value, "content[].text");
      break;
    case thinking:
      append(reply_.reasoning, value, "content[].thinking");
      thinking_.now().text += value.text;
      break;
    case signature:
      append(thinking_.now().signature, value, "content[].signature");
      break;
    case hidden_thinking:
      append(thinking_.now().hidden, value, "content[].data");
      break;
    case stop_reason:
      if (value.is_text()) reply_.finish_reason = value.text;
      break;
    case content:
      content_seen_ = value.is == json_value::kind::array;
      break;
    case error:
      if (value.truthy()) found_error();
      break;
    case id:
      set_once(reply_.response_id, value);
      break;
    case model:
      set_once(reply_.model, value);
      break;
    case tier:
      set_once(reply_.service_tier, value);
      break;
    case input:
      set_count(fresh_input_, value);
      break;
    case cache_read:
      set_count(cache_read_, value);
      break;
    case cache_write:
      set_count(cache_write_, value);
      break;
    case output:
      set_count(reply_.usage.output, value);
      break;
    case reasoning_tokens:
      set_count(reply_.usage.reasoning, value);
      break;
  }
}

void anthropic_reader::end_document(instant now) {
  if (block_) calls_.number(*block_);
  if (block_) thinking_.number(*block_);
  thinking_.commit();
  if (last_event_) complete(now);
}

std::string_view anthropic_reader::missing_in_document() const {
  return content_seen_ ? "" : "the answer has no content";
}

void anthropic_reader::settle(bool whole) {
  reply_.why = meaning_of(reply_.finish_reason);
  auto& usage = reply_.usage;
  usage.cached_input = cache_read_;
  usage.cache_write = cache_write_;
  if (fresh_input_)
    usage.input = *fresh_input_ + cache_read_.value_or(0) + cache_write_.value_or(0);
  if (!whole) usage.output.reset();
  if (whole && !reply_.calls.empty()) reply_.thinking = thinking_.json();
}

}  // namespace assay::dialects
