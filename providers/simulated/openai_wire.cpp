#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "messages/embedding_text.hpp"
#include "providers/simulated/conversation.hpp"
#include "providers/simulated/wire.hpp"
#include "providers/simulated/wire_text.hpp"

namespace assay::simulated {

namespace {

constexpr std::string_view created = "1700000000";

struct error_row {
  failure why;
  int status;
  const char* type;
  const char* code;  ///< null is sent as null
};

/// wire_formats.md 1.5
constexpr std::array<error_row, 10> error_rows = {{
    {failure::bad_json, 400, "invalid_request_error", nullptr},
    {failure::bad_request, 400, "invalid_request_error", nullptr},
    {failure::wrong_key, 401, "invalid_request_error", "invalid_api_key"},
    {failure::unknown_model, 404, "invalid_request_error", "model_not_found"},
    {failure::unknown_route, 404, "invalid_request_error", "unknown_url"},
    {failure::wrong_method, 405, "invalid_request_error", "method_not_supported"},
    {failure::rate_limited, 429, "requests", "rate_limit_exceeded"},
    {failure::too_large, 429, "tokens", "rate_limit_exceeded"},
    {failure::overloaded, 503, "service_unavailable_error", "server_is_overloaded"},
    {failure::server_error, 500, "server_error", nullptr},
}};

const error_row& row_of(failure why) { return error_rows[static_cast<std::size_t>(why)]; }

/// The limits that OpenAI names in headers; input and output tokens count as tokens there.
const char* header_name(dimension d) { return d == dimension::requests ? "requests" : "tokens"; }

std::string limit_type(const rejection& r) {
  if (r.why != failure::rate_limited) return row_of(r.why).type;
  if (r.counts == dimension::concurrency) return "concurrency";
  return header_name(r.counts);
}

std::string usage_of(const completion& c) {
  return R"({"prompt_tokens":)" + std::to_string(c.input_tokens) + R"(,"completion_tokens":)" +
         std::to_string(c.output_tokens) + R"(,"total_tokens":)" +
         std::to_string(c.input_tokens + c.output_tokens) +
         R"(,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},)"
         R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,)"
         R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}})";
}

std::string finish_of(const completion& c) {
  if (c.truncated) return R"("length")";
  return c.calls.empty() ? R"("stop")" : R"("tool_calls")";
}

/// A tool call, or its first piece in a stream.
std::string tool_call_of(const tool_call& use, std::string_view arguments) {
  return R"("id":"call_)" + use.id + R"(","type":"function","function":{"name":)" +
         quote(use.name) + R"(,"arguments":)" + quote(arguments) + "}";
}

std::string message_of(const completion& c) {
  std::string calls;
  for (const auto& use : c.calls)
    calls += (calls.empty() ? "{" : ",{") + tool_call_of(use, use.arguments) + "}";
  const bool silent = c.text.empty() && !c.calls.empty();
  return R"({"role":"assistant","content":)" + (silent ? "null" : quote(c.text)) +
         (calls.empty() ? "" : R"(,"tool_calls":[)" + calls + "]") + R"(,"refusal":null})";
}

chat_message read_message(const nlohmann::json& m) {
  chat_message out;
  if (m.contains("content")) out.content = text_of(m["content"]);
  out.answers = text_member(m, "tool_call_id");
  if (const auto* calls = list_member(m, "tool_calls"))
    for (const auto& each : *calls) {
      const auto* function = each.is_object() ? object_member(each, "function") : nullptr;
      if (function)
        out.calls.push_back({text_member(each, "id"), text_member(*function, "name"),
                             text_member(*function, "arguments")});
    }
  return out;
}

void read_tools(const nlohmann::json& object, call& c) {
  const auto* tools = list_member(object, "tools");
  if (!tools) return;
  for (const auto& each : *tools)
    if (const auto* f = each.is_object() ? object_member(each, "function") : nullptr)
      add_tool(c, {text_member(*f, "name"), text_member(*f, "description"),
                   f->contains("parameters") ? print((*f)["parameters"]) : "{}"});
}

std::string chunk(const completion& c, const std::string& choices, const std::string& usage) {
  std::string text =
      R"(data: {"id":"chatcmpl-)" + c.id + R"(","object":"chat.completion.chunk","created":)";
  text.append(created).append(R"(,"model":)").append(quote(c.model));
  text.append(R"(,"service_tier":"default","system_fingerprint":"fp_simulated","choices":[)");
  text.append(choices).append("]");
  if (!usage.empty()) text.append(R"(,"usage":)").append(usage);
  return text + "}\n\n";
}

std::string choice_chunk(const completion& c, const std::string& delta, const std::string& finish) {
  return chunk(
      c, R"({"index":0,"delta":)" + delta + R"(,"logprobs":null,"finish_reason":)" + finish + "}",
      c.include_usage ? "null" : "");
}

/// `embedding_text` writes the line of a vector as this API does.
std::string vector_of(const std::vector<float>& vector, bool base64) {
  return base64 ? quote(embedding_text({vector})) : print(nlohmann::json(vector));
}

std::string embeddings_of(const completion& c) {
  std::string data;
  for (std::size_t i = 0; i < c.vectors.size(); ++i)
    data += (i ? "," : "") + (R"({"object":"embedding","index":)" + std::to_string(i)) +
            R"(,"embedding":)" + vector_of(c.vectors[i], c.base64) + "}";
  const auto tokens = std::to_string(c.input_tokens);
  return R"({"object":"list","data":[)" + data + R"(],"model":)" + quote(c.model) +
         R"(,"usage":{"prompt_tokens":)" + tokens + R"(,"total_tokens":)" + tokens + "}}";
}

class openai final : public wire_format {
 public:
  tl::expected<call, rejection> read(std::string_view body) const override {
    const auto parsed = parse_object(body);
    if (!parsed) return tl::make_unexpected(parsed.error());
    const auto& object = *parsed;
    const auto messages = object.find("messages");
    if (messages == object.end() || !messages->is_array() || messages->empty())
      return tl::make_unexpected(bad_field("messages", "Missing required parameter: 'messages'."));
    call c;
    for (const auto& m : *messages) {
      const auto role = m.is_object() ? text_member(m, "role") : std::string();
      if (role.empty())
        return tl::make_unexpected(bad_field("messages", "Missing required parameter: 'role'."));
      add_message(c, role, read_message(m));
    }
    read_tools(object, c);
    c.model = text_member(object, "model");
    c.max_tokens = count_member(object, "max_completion_tokens");
    if (!c.max_tokens) c.max_tokens = count_member(object, "max_tokens");
    c.stream = flag(object, "stream");
    const auto options = object.find("stream_options");
    c.include_usage =
        options != object.end() && options->is_object() && flag(*options, "include_usage");
    return with_results_in_place(std::move(c), "messages");
  }

  tl::expected<call, rejection> read_texts(std::string_view body) const override {
    const auto parsed = parse_object(body);
    if (!parsed) return tl::make_unexpected(parsed.error());
    const auto& object = *parsed;
    const auto no_input = bad_field("input", "'input' must be a text or a list of texts.");
    call c;
    c.to = endpoint::embeddings;
    if (!object.contains("input")) return tl::make_unexpected(no_input);
    const auto& input = object["input"];
    if (input.is_string()) {
      add_message(c, "user", {.content = input.get<std::string>()});
    } else {
      if (!input.is_array() || input.empty() || input.size() > 2048)
        return tl::make_unexpected(no_input);
      for (const auto& text : input) {
        if (!text.is_string()) return tl::make_unexpected(no_input);
        add_message(c, "user", {.content = text.get<std::string>()});
      }
    }
    const auto dimensions = dimensions_member(object, "dimensions");
    if (!dimensions) return tl::make_unexpected(dimensions.error());
    c.dimensions = *dimensions;
    c.model = text_member(object, "model");
    c.base64 = text_member(object, "encoding_format") == "base64";
    return c;
  }

  std::string whole(const completion& c) const override {
    if (!c.vectors.empty()) return embeddings_of(c);
    return R"({"id":"chatcmpl-)" + c.id + R"(","object":"chat.completion","created":)" +
           std::string(created) + R"(,"model":)" + quote(c.model) +
           R"(,"service_tier":"default","choices":[{"index":0,"message":)" + message_of(c) +
           R"(,"logprobs":null,"finish_reason":)" + finish_of(c) + R"(}],"usage":)" + usage_of(c) +
           R"(,"system_fingerprint":"fp_simulated"})";
  }

  std::string opening(const completion& c) const override {
    return choice_chunk(c, R"({"role":"assistant","content":"","refusal":null})", "null");
  }
  std::string delta(const completion& c, std::string_view text) const override {
    return choice_chunk(c, R"({"content":)" + quote(text) + "}", "null");
  }
  std::vector<std::string> call_events(const completion& c, std::size_t index,
                                       const std::vector<std::string_view>& pieces) const override {
    const auto event = [&](const std::string& call) {
      return choice_chunk(
          c, R"({"tool_calls":[{"index":)" + std::to_string(index) + "," + call + "}]}", "null");
    };
    std::vector<std::string> events{event(tool_call_of(c.calls[index], ""))};
    for (const auto& piece : pieces)
      events.push_back(event(R"("function":{"arguments":)" + quote(piece) + "}"));
    return events;
  }
  std::string closing(const completion& c) const override {
    auto text = choice_chunk(c, "{}", finish_of(c));
    if (c.include_usage) text += chunk(c, "", usage_of(c));
    return text;
  }
  std::string terminator(const completion&) const override { return "data: [DONE]\n\n"; }
  std::string error_event() const override {
    return R"(data: {"error":{"message":"The server had an error while processing your request.",)"
           R"("type":"server_error","param":null,"code":null}})"
           "\n\n";
  }

  int status(failure why) const override { return row_of(why).status; }
  std::string error(const rejection& r, const std::string&) const override {
    const char* code = row_of(r.why).code;
    return R"({"error":{"message":)" + quote(r.message) + R"(,"type":)" + quote(limit_type(r)) +
           R"(,"param":)" + (r.field.empty() ? "null" : quote(r.field)) + R"(,"code":)" +
           (code ? quote(code) : "null") + "}}";
  }
  header_list retry_headers(const rejection& r) const override { return retry_after_headers(r); }

  header_list rate_headers(const std::vector<limit_level>& levels) const override {
    header_list headers;
    bool tokens = false;
    for (const auto& l : levels) {
      if (l.counts != dimension::requests && std::exchange(tokens, true)) continue;
      const std::string name = header_name(l.counts);
      headers.emplace_back("x-ratelimit-limit-" + name, print_amount(l.limit));
      headers.emplace_back("x-ratelimit-remaining-" + name, print_amount(std::floor(l.remaining)));
      headers.emplace_back("x-ratelimit-reset-" + name, print_go_duration(l.reset));
    }
    return headers;
  }
  std::string request_id_header() const override { return "x-request-id"; }

  std::string models(const std::vector<mock_model>& models) const override {
    std::string list;
    for (const auto& m : models)
      list += (list.empty() ? "" : ",") + (R"({"id":)" + quote(m.name)) +
              R"(,"object":"model","created":)" + std::string(created) + R"(,"owned_by":"mock"})";
    return R"({"object":"list","data":[)" + list + "]}";
  }
};

}  // namespace

const wire_format& openai_wire() {
  static const openai format;
  return format;
}

}  // namespace assay::simulated
