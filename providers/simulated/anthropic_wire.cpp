#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "providers/simulated/conversation.hpp"
#include "providers/simulated/wire.hpp"
#include "providers/simulated/wire_text.hpp"

namespace assay::simulated {

namespace {

struct error_row {
  failure why;
  int status;
  const char* type;
};

/// wire_formats.md 3, "Errors"
constexpr std::array<error_row, 10> error_rows = {{
    {failure::bad_json, 400, "invalid_request_error"},
    {failure::bad_request, 400, "invalid_request_error"},
    {failure::wrong_key, 401, "authentication_error"},
    {failure::unknown_model, 404, "not_found_error"},
    {failure::unknown_route, 404, "not_found_error"},
    {failure::wrong_method, 405, "invalid_request_error"},
    {failure::rate_limited, 429, "rate_limit_error"},
    {failure::too_large, 429, "rate_limit_error"},
    {failure::overloaded, 529, "overloaded_error"},
    {failure::server_error, 500, "api_error"},
}};

const error_row& row_of(failure why) { return error_rows[static_cast<std::size_t>(why)]; }

std::string event(const char* type, const std::string& fields) {
  return std::string("event: ") + type + "\ndata: {\"type\":\"" + type + "\"" +
         (fields.empty() ? "" : ",") + fields + "}\n\n";
}

std::string block_start(std::size_t index, const std::string& block) {
  return event("content_block_start",
               R"("index":)" + std::to_string(index) + R"(,"content_block":)" + block);
}

std::string block_stop(std::size_t index) {
  return event("content_block_stop", R"("index":)" + std::to_string(index));
}

std::string usage_of(std::int64_t input, std::int64_t output) {
  return R"({"input_tokens":)" + std::to_string(input) +
         R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":)" +
         std::to_string(output) + R"(,"service_tier":"standard"})";
}

std::string stop_of(const completion& c) {
  if (c.truncated) return R"("max_tokens")";
  return c.calls.empty() ? R"("end_turn")" : R"("tool_use")";
}

/// Whether the answer has a block of text; it stands before those of tools.
bool has_text(const completion& c) { return !c.text.empty() || c.calls.empty(); }

std::string tool_use_of(const tool_call& use, std::string_view input) {
  return R"({"type":"tool_use","id":"toolu_)" + use.id + R"(","name":)" + quote(use.name) +
         R"(,"input":)" + std::string(input) + "}";
}

std::string content_of(const completion& c) {
  std::string blocks;
  if (has_text(c)) blocks = R"({"type":"text","text":)" + quote(c.text) + "}";
  for (const auto& use : c.calls)
    blocks += (blocks.empty() ? "" : ",") + tool_use_of(use, object_text(use.arguments));
  return "[" + blocks + "]";
}

/// Adds what a message holds: results of tools are messages of their own here.
void read_message(const nlohmann::json& m, const std::string& role, call& c) {
  chat_message said;
  if (m.contains("content")) said.content = text_of(m["content"]);
  bool results = false;
  if (const auto* blocks = list_member(m, "content"))
    for (const auto& block : *blocks) {
      const auto type = block.is_object() ? text_member(block, "type") : std::string();
      if (type == "tool_use")
        said.calls.push_back({text_member(block, "id"), text_member(block, "name"),
                              block.contains("input") ? print(block["input"]) : "{}"});
      if (type != "tool_result") continue;
      results = true;
      chat_message result;
      if (block.contains("content")) result.content = text_of(block["content"]);
      result.answers = text_member(block, "tool_use_id");
      add_message(c, "tool", std::move(result));
    }
  if (!results || !said.content.empty()) add_message(c, role, std::move(said));
}

void read_tools(const nlohmann::json& object, call& c) {
  const auto* tools = list_member(object, "tools");
  if (!tools) return;
  for (const auto& each : *tools)
    if (each.is_object())
      add_tool(c, {text_member(each, "name"), text_member(each, "description"),
                   each.contains("input_schema") ? print(each["input_schema"]) : "{}"});
}

std::string message(const completion& c, const std::string& content, const std::string& stop,
                    std::int64_t output) {
  return R"({"id":"msg_)" + c.id + R"(","type":"message","role":"assistant","model":)" +
         quote(c.model) + R"(,"content":)" + content + R"(,"stop_reason":)" + stop +
         R"(,"stop_sequence":null,"usage":)" + usage_of(c.input_tokens, output) + "}";
}

const char* header_name(dimension d) {
  switch (d) {
    case dimension::requests:
      return "requests";
    case dimension::input_tokens:
      return "input-tokens";
    case dimension::output_tokens:
      return "output-tokens";
    default:
      return "tokens";
  }
}

class anthropic final : public wire_format {
 public:
  tl::expected<call, rejection> read(std::string_view body) const override {
    const auto parsed = parse_object(body);
    if (!parsed) return tl::make_unexpected(parsed.error());
    const auto& object = *parsed;
    call c;
    c.model = text_member(object, "model");
    c.max_tokens = count_member(object, "max_tokens");
    if (!c.max_tokens)
      return tl::make_unexpected(bad_field("max_tokens", "max_tokens: Field required"));
    const auto messages = object.find("messages");
    if (messages == object.end() || !messages->is_array() || messages->empty())
      return tl::make_unexpected(bad_field("messages", "messages: Field required"));
    if (object.contains("system"))
      add_message(c, "system", {role::system, text_of(object["system"])});
    for (const auto& m : *messages) {
      const auto role = m.is_object() ? text_member(m, "role") : std::string();
      if (role != "user" && role != "assistant")
        return tl::make_unexpected(
            bad_field("messages", "messages: role must be \"user\" or \"assistant\""));
      read_message(m, role, c);
    }
    read_tools(object, c);
    c.stream = flag(object, "stream");
    return with_results_in_place(std::move(c), "messages");
  }

  std::string whole(const completion& c) const override {
    return message(c, content_of(c), stop_of(c), c.output_tokens);
  }

  std::string opening(const completion& c) const override {
    return event("message_start", R"("message":)" + message(c, "[]", "null", 1)) +
           (has_text(c) ? block_start(0, R"({"type":"text","text":""})") : "") + event("ping", "");
  }
  std::string delta(const completion&, std::string_view text) const override {
    return event("content_block_delta",
                 R"("index":0,"delta":{"type":"text_delta","text":)" + quote(text) + "}");
  }
  std::vector<std::string> call_events(const completion& c, std::size_t index,
                                       const std::vector<std::string_view>& pieces) const override {
    const auto block = index + (has_text(c) ? 1 : 0);
    std::vector<std::string> events{block_start(block, tool_use_of(c.calls[index], "{}"))};
    if (block > 0) events.front().insert(0, block_stop(block - 1));
    for (const auto& piece : pieces)
      events.push_back(event("content_block_delta",
                             R"("index":)" + std::to_string(block) +
                                 R"(,"delta":{"type":"input_json_delta","partial_json":)" +
                                 quote(piece) + "}"));
    return events;
  }
  std::string closing(const completion& c) const override {
    return block_stop(c.calls.size() - (has_text(c) ? 0 : 1)) +
           event("message_delta", R"("delta":{"stop_reason":)" + stop_of(c) +
                                      R"(,"stop_sequence":null},"usage":{"output_tokens":)" +
                                      std::to_string(c.output_tokens) + "}");
  }
  std::string terminator(const completion&) const override { return event("message_stop", ""); }
  std::string error_event() const override {
    return event("error", R"("error":{"type":"overloaded_error","message":"Overloaded"})");
  }

  int status(failure why) const override { return row_of(why).status; }
  std::string error(const rejection& r, const std::string& request_id) const override {
    return R"({"type":"error","error":{"type":")" + std::string(row_of(r.why).type) +
           R"(","message":)" + quote(r.message) + R"(},"request_id":)" + quote(request_id) + "}";
  }
  header_list retry_headers(const rejection& r) const override { return retry_after_headers(r); }

  header_list rate_headers(const std::vector<limit_level>& levels) const override {
    header_list headers;
    for (const auto& l : levels) {
      const auto name = std::string("anthropic-ratelimit-") + header_name(l.counts);
      headers.emplace_back(name + "-limit", print_amount(l.limit));
      headers.emplace_back(name + "-remaining", print_amount(std::floor(l.remaining)));
      headers.emplace_back(name + "-reset", print_rfc3339(l.reset_unix_s));
    }
    return headers;
  }
  std::string request_id_header() const override { return "request-id"; }

  std::string models(const std::vector<mock_model>& models) const override {
    std::string list;
    for (const auto& m : models)
      list += (list.empty() ? "" : ",") + (R"({"type":"model","id":)" + quote(m.name)) +
              R"(,"display_name":)" + quote(m.name) + R"(,"created_at":"2023-11-14T22:13:20Z"})";
    const auto edge = [&](bool first) {
      if (models.empty()) return std::string("null");
      return quote((first ? models.front() : models.back()).name);
    };
    return R"({"data":[)" + list + R"(],"has_more":false,"first_id":)" + edge(true) +
           R"(,"last_id":)" + edge(false) + "}";
  }
};

}  // namespace

const wire_format& anthropic_wire() {
  static const anthropic format;
  return format;
}

}  // namespace assay::simulated
