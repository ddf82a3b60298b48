#include "providers/dialects/gemini_reader.hpp"

#include <algorithm>
#include <array>

#include "providers/dialects/gemini_call_id.hpp"

namespace assay::dialects {

namespace {

enum field : int {
  response,
  candidate,
  index,
  part,
  part_text,
  part_thought,
  function_call,
  call_name,
  call_args,
  signature,
  finish_reason,
  block_reason,
  error,
  id,
  model,
  prompt,
  tool_prompt,
  cached,
  candidates_tokens,
  thoughts,
};

constexpr std::array fields{
    json_field{"", response},
    json_field{"candidates[]", candidate},
    json_field{"candidates[].content.parts[]", part},
    json_field{"candidates[].content.parts[].text", part_text},
    json_field{"candidates[].content.parts[].thought", part_thought},
    json_field{"candidates[].content.parts[].functionCall", function_call},
    json_field{"candidates[].content.parts[].functionCall.name", call_name},
    json_field{"candidates[].content.parts[].functionCall.args", call_args, true},
    json_field{"candidates[].content.parts[].thoughtSignature", signature},
    json_field{"candidates[].finishReason", finish_reason},
    json_field{"candidates[].index", index},
    json_field{"usageMetadata.promptTokenCount", prompt},
    json_field{"usageMetadata.candidatesTokenCount", candidates_tokens},
    json_field{"usageMetadata.thoughtsTokenCount", thoughts},
    json_field{"usageMetadata.cachedContentTokenCount", cached},
    json_field{"usageMetadata.toolUsePromptTokenCount", tool_prompt},
    json_field{"modelVersion", model},
    json_field{"responseId", id},
    json_field{"promptFeedback.blockReason", block_reason},
    json_field{"error", error},
};

const field_tree& tree() {
  static const field_tree built(fields);
  return built;
}

struct finish_word {
  std::string_view word;
  finish why;
};

constexpr std::array finish_words{
    finish_word{"STOP", finish::stop},
    finish_word{"MAX_TOKENS", finish::length},
    finish_word{"SAFETY", finish::content_filter},
    finish_word{"RECITATION", finish::content_filter},
    finish_word{"BLOCKLIST", finish::content_filter},
    finish_word{"PROHIBITED_CONTENT", finish::content_filter},
    finish_word{"SPII", finish::content_filter},
    finish_word{"IMAGE_SAFETY", finish::content_filter},
    finish_word{"IMAGE_RECITATION", finish::content_filter},
    finish_word{"IMAGE_PROHIBITED_CONTENT", finish::content_filter},
};

finish meaning_of(std::string_view word) {
  const auto* known = std::find_if(finish_words.begin(), finish_words.end(),
                                   [&](const finish_word& w) { return w.word == word; });
  return known == finish_words.end() ? finish::unknown : known->why;
}

/// a + b, where what is absent counts as nothing; absent if both are.
std::optional<std::int64_t> sum(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a && !b) return std::nullopt;
  return a.value_or(0) + b.value_or(0);
}

}  // namespace

gemini_reader::gemini_reader() : wire_reader(gemini_rows, rate_family::none, tree()) {}

void gemini_reader::begin_document() {
  candidates_ = 0;
  other_candidate_ = false;
}

void gemini_reader::take(int field, const json_value& value) {
  if (field >= candidate && field <= finish_reason) return take_candidate(field, value);
  if (field >= prompt) return take_usage(field, value);
  switch (field) {
    case response:
      // Elements of an array are responses of their own, with a first candidate each.
      candidates_ = 0;
      break;
    case block_reason:
      if (!value.is_text() || value.text.empty()) break;
      blocked_ = true;
      reply_.finish_reason = value.text;
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
  }
}

void gemini_reader::take_candidate(int field, const json_value& value) {
  if (field == candidate) {
    any_candidate_ = true;
    other_candidate_ = ++candidates_ > 1;
    return;
  }
  if (other_candidate_) return;
  if (field >= part && field <= signature) return take_part(field, value);
  switch (field) {
    case index:
      other_candidate_ = value.count().value_or(0) > 0;
      if (other_candidate_) drop_document_text();
      break;
    case finish_reason:
      if (value.is_text()) reply_.finish_reason = value.text;
      break;
  }
}

void gemini_reader::take_part(int field, const json_value& value) {
  switch (field) {
    case part:
      thought_part_ = call_part_ = false;
      signature_.clear();
      part_begins_ = reply_.text.size();
      break;
    case part_text:
      append(thought_part_ ? reply_.reasoning : reply_.text, value,
             "candidates[].content.parts[].text");
      break;
    case part_thought:
      // The mark may stand before or after the text that it is about.
      thought_part_ = value.truthy();
      if (!thought_part_) break;
      part_begins_ = std::min(part_begins_, reply_.text.size());
      reply_.reasoning.append(reply_.text, part_begins_);
      reply_.text.resize(part_begins_);
      break;
    case function_call:
      begin_call(call_collector::place::opens, value, "candidates[].content.parts[].functionCall");
      calls_.now().part.id = signature_;
      call_part_ = true;
      break;
    case call_name:
      append(calls_.now().part.name, value, "functionCall.name", false);
      break;
    case call_args:
      take_arguments(value, "functionCall.args");
      break;
    case signature:
      // May stand before or after the call that it goes with.
      append(call_part_ ? calls_.now().part.id : signature_, value, "thoughtSignature", false);
      break;
  }
}

void gemini_reader::take_usage(int field, const json_value& value) {
  switch (field) {
    case prompt:
      set_count(prompt_, value);
      break;
    case tool_prompt:
      set_count(tool_prompt_, value);
      break;
    case cached:
      set_count(reply_.usage.cached_input, value);
      break;
    case candidates_tokens:
      set_count(candidates_tokens_, value);
      break;
    case thoughts:
      set_count(thoughts_, value);
      break;
  }
}

bool gemini_reader::ends_with_the_bytes() const { return !reply_.finish_reason.empty(); }

std::string_view gemini_reader::missing_in_document() const {
  return any_candidate_ || blocked_ ? "" : "the answer has no candidates";
}

void gemini_reader::settle(bool) {
  reply_.why = blocked_ ? finish::content_filter : meaning_of(reply_.finish_reason);
  for (std::size_t i = 0; i < reply_.calls.size(); ++i) {
    auto& id = reply_.calls[i].id;
    const auto number = "call_" + std::to_string(i + 1);
    id = id == number ? number : signed_call_id(number, id);
  }
  auto& usage = reply_.usage;
  usage.reasoning = thoughts_;
  usage.output = sum(candidates_tokens_, thoughts_);
  if (prompt_) usage.input = sum(prompt_, tool_prompt_);
}

}  // namespace assay::dialects
