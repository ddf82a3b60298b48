#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "providers/simulated/conversation.hpp"
#include "providers/simulated/wire.hpp"
#include "providers/simulated/wire_text.hpp"

namespace assay::simulated {

namespace {

struct error_row {
  failure why;
  int status;
  const char* name;
};

/// wire_formats.md 7, "Errors"; a wrong key is a 400 there.
constexpr std::array<error_row, 10> error_rows = {{
    {failure::bad_json, 400, "INVALID_ARGUMENT"},
    {failure::bad_request, 400, "INVALID_ARGUMENT"},
    {failure::wrong_key, 400, "INVALID_ARGUMENT"},
    {failure::unknown_model, 404, "NOT_FOUND"},
    {failure::unknown_route, 404, "NOT_FOUND"},
    {failure::wrong_method, 405, "INVALID_ARGUMENT"},
    {failure::rate_limited, 429, "RESOURCE_EXHAUSTED"},
    {failure::too_large, 429, "RESOURCE_EXHAUSTED"},
    {failure::overloaded, 503, "UNAVAILABLE"},
    {failure::server_error, 500, "INTERNAL"},
}};

const error_row& row_of(failure why) { return error_rows[static_cast<std::size_t>(why)]; }

std::string usage_of(const completion& c, std::int64_t output) {
  return R"({"promptTokenCount":)" + std::to_string(c.input_tokens) +
         R"(,"candidatesTokenCount":)" + std::to_string(output) + R"(,"totalTokenCount":)" +
         std::to_string(c.input_tokens + output) + "}";
}

std::string text_part(std::string_view text) { return R"({"text":)" + quote(text) + "}"; }

std::string call_part(const tool_call& use) {
  return R"({"functionCall":{"name":)" + quote(use.name) + R"(,"args":)" +
         object_text(use.arguments) + "}}";
}

std::string parts_of(const completion& c) {
  std::string parts;
  if (!c.text.empty() || c.calls.empty()) parts = text_part(c.text);
  for (const auto& use : c.calls) parts += (parts.empty() ? "" : ",") + call_part(use);
  return parts;
}

std::string answer_of(const completion& c, const std::string& parts, bool last,
                      std::int64_t output) {
  std::string finish;
  if (last)
    finish = std::string(R"(,"finishReason":)") + (c.truncated ? R"("MAX_TOKENS")" : R"("STOP")");
  return R"({"candidates":[{"content":{"parts":[)" + parts + R"(],"role":"model"})" + finish +
         R"(,"index":0}],"usageMetadata":)" + usage_of(c, output) + R"(,"modelVersion":)" +
         quote(c.model) + R"(,"responseId":")" + c.id + R"("})";
}

std::string quota_of(const rejection& r) {
  const std::string what = r.counts == dimension::requests ? "Requests" : "InputTokens";
  const std::string metric = r.counts == dimension::requests
                                 ? "generate_content_free_tier_requests"
                                 : "generate_content_free_tier_input_token_count";
  return R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":)"
         R"("generativelanguage.googleapis.com/)" +
         metric + R"(","quotaId":"Generate)" + what + (r.per_day ? "PerDay" : "PerMinute") +
         R"(PerProjectPerModel-FreeTier","quotaValue":")" + print_amount(r.limit) + R"("}]})";
}

std::string details_of(const rejection& r) {
  if (r.why == failure::wrong_key)
    return R"(,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
           R"("reason":"API_KEY_INVALID","domain":"googleapis.com"}])";
  if (r.why != failure::rate_limited || r.counts == dimension::concurrency) return {};
  std::string retry;
  if (r.retry_after)
    retry = R"(,{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":")" +
            print_protobuf_duration(*r.retry_after) + R"("})";
  return R"(,"details":[)" + quota_of(r) + retry + "]";
}

/// Calls have no ids here: each gets the number that it has in the conversation.
void read_content(const nlohmann::json& content, std::size_t& calls, call& c) {
  chat_message said;
  said.content = text_of(content["parts"]);
  bool results = false;
  for (const auto& part : content["parts"]) {
    if (!part.is_object()) continue;
    if (const auto* use = object_member(part, "functionCall"))
      said.calls.push_back({"call_" + std::to_string(++calls), text_member(*use, "name"),
                            use->contains("args") ? print((*use)["args"]) : "{}"});
    if (const auto* result = object_member(part, "functionResponse")) {
      results = true;
      const auto* response = object_member(*result, "response");
      add_message(c, "tool",
                  {.content = !response                      ? ""
                              : response->contains("output") ? text_member(*response, "output")
                                                             : print(*response),
                   .answers = open_call(c, text_member(*result, "name"))});
    }
  }
  const bool model = text_member(content, "role") == "model";
  if (!results || !said.content.empty())
    add_message(c, model ? "assistant" : "user", std::move(said));
}

void read_tools(const nlohmann::json& object, call& c) {
  const auto* tools = list_member(object, "tools");
  if (!tools) return;
  for (const auto& group : *tools) {
    const auto* functions =
        group.is_object() ? list_member(group, "functionDeclarations") : nullptr;
    if (!functions) continue;
    for (const auto& f : *functions) {
      if (!f.is_object()) continue;
      const char* schema = f.contains("parameters") ? "parameters" : "parametersJsonSchema";
      add_tool(c, {text_member(f, "name"), text_member(f, "description"),
                   f.contains(schema) ? print(f[schema]) : "{}"});
    }
  }
}

std::string error_body(failure why, const std::string& message, const std::string& details) {
  return R"({"error":{"code":)" + std::to_string(row_of(why).status) + R"(,"message":)" +
         quote(message) + R"(,"status":")" + row_of(why).name + "\"" + details + "}}";
}

std::string embeddings_of(const completion& c) {
  std::string list;
  for (const auto& vector : c.vectors)
    list += (list.empty() ? "" : ",") + (R"({"values":)" + print(nlohmann::json(vector))) + "}";
  return R"({"embeddings":[)" + list + "]}";
}

class gemini final : public wire_format {
 public:
  tl::expected<call, rejection> read(std::string_view body) const override {
    const auto parsed = parse_object(body);
    if (!parsed) return tl::make_unexpected(parsed.error());
    const auto& object = *parsed;
    const auto contents = object.find("contents");
    if (contents == object.end() || !contents->is_array() || contents->empty())
      return tl::make_unexpected(bad_field("contents", "* contents: contents is not specified"));
    call c;
    const auto system = object.find("systemInstruction");
    if (system != object.end() && system->is_object() && system->contains("parts"))
      add_message(c, "system", {role::system, text_of((*system)["parts"])});
    std::size_t calls = 0;
    for (const auto& content : *contents) {
      if (!content.is_object() || !content.contains("parts"))
        return tl::make_unexpected(
            bad_field("contents", "* contents.parts: contents.parts must not be empty."));
      read_content(content, calls, c);
    }
    read_tools(object, c);
    const auto config = object.find("generationConfig");
    if (config != object.end() && config->is_object())
      c.max_tokens = count_member(*config, "maxOutputTokens");
    return with_results_in_place(std::move(c), "contents");
  }

  tl::expected<call, rejection> read_texts(std::string_view body) const override {
    const auto parsed = parse_object(body);
    if (!parsed) return tl::make_unexpected(parsed.error());
    const auto* requests = list_member(*parsed, "requests");
    const auto none = bad_field("requests", "* requests: requests must not be empty");
    if (!requests || requests->empty()) return tl::make_unexpected(none);
    call c;
    c.to = endpoint::embeddings;
    for (const auto& each : *requests) {
      const auto* content = each.is_object() ? object_member(each, "content") : nullptr;
      if (!content || !content->contains("parts")) return tl::make_unexpected(none);
      add_message(c, "user", {.content = text_of((*content)["parts"])});
      const auto dimensions = dimensions_member(each, "outputDimensionality");
      if (!dimensions) return tl::make_unexpected(dimensions.error());
      c.dimensions = *dimensions;
    }
    return c;
  }

  std::string whole(const completion& c) const override {
    if (!c.vectors.empty()) return embeddings_of(c);
    return answer_of(c, parts_of(c), true, c.output_tokens);
  }

  std::string opening(const completion&) const override { return {}; }
  std::string delta(const completion& c, std::string_view text) const override {
    const auto bytes = static_cast<std::int64_t>(text.data() + text.size() - c.text.data());
    const auto so_far = std::min((bytes + 3) / 4, c.output_tokens);
    return "data: " + answer_of(c, text_part(text), false, so_far) + "\r\n\r\n";
  }
  /// A call comes whole.
  std::vector<std::string> call_events(const completion& c, std::size_t index,
                                       const std::vector<std::string_view>&) const override {
    return {"data: " + answer_of(c, call_part(c.calls[index]), false, c.output_tokens) +
            "\r\n\r\n"};
  }
  std::string closing(const completion&) const override { return {}; }
  /// The finish is what ends a Gemini stream; there is no other terminator.
  std::string terminator(const completion& c) const override {
    return "data: " + answer_of(c, text_part(""), true, c.output_tokens) + "\r\n\r\n";
  }
  std::string error_event() const override {
    return "data: " + error_body(failure::server_error, "An internal error has occurred.", "") +
           "\r\n\r\n";
  }

  int status(failure why) const override { return row_of(why).status; }
  std::string error(const rejection& r, const std::string&) const override {
    return error_body(r.why, r.message, details_of(r));
  }
  header_list retry_headers(const rejection&) const override { return {}; }
  header_list rate_headers(const std::vector<limit_level>&) const override { return {}; }
  std::string request_id_header() const override { return "x-request-id"; }

  std::string models(const std::vector<mock_model>& models) const override {
    std::string list;
    for (const auto& m : models)
      list += (list.empty() ? "" : ",") + (R"({"name":)" + quote("models/" + m.name)) +
              R"(,"version":"001","displayName":)" + quote(m.name) +
              R"(,"inputTokenLimit":1048576,"outputTokenLimit":65536,)"
              R"("supportedGenerationMethods":["generateContent"]})";
    return R"({"models":[)" + list + "]}";
  }
};

}  // namespace

const wire_format& gemini_wire() {
  static const gemini format;
  return format;
}

}  // namespace assay::simulated
