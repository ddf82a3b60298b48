#include "providers/dialects/openai_batches.hpp"

#include <algorithm>
#include <array>

#include "providers/dialects/base_url.hpp"
#include "providers/dialects/batch_json.hpp"
#include "providers/dialects/openai.hpp"

namespace assay::dialects {

namespace {

using nlohmann::json;

constexpr const char* mark_key = "assay";
constexpr std::array<std::string_view, 4> end_states{"cancelled", "completed", "expired", "failed"};

/// One that stands in none of the items.
std::string boundary_for(const std::vector<std::string>& items, const std::string& mark) {
  std::string boundary = "assay-" + mark;
  auto occurs = [&](const std::string& item) { return item.find(boundary) != std::string::npos; };
  while (std::any_of(items.begin(), items.end(), occurs)) boundary += "x";
  return boundary;
}

std::string trouble_in(const json& batch) {
  const auto* errors = object_in(batch, "errors");
  const auto* list = errors ? list_in(*errors, "data") : nullptr;
  if (list)
    for (const auto& error : *list)
      if (error.is_object() && !text_in(error, "message").empty()) return text_in(error, "message");
  return "the API gives no reason";
}

batch_report report_of(const json& batch) {
  batch_report out;
  out.id = text_in(batch, "id");
  auto state = text_in(batch, "status");
  out.ended = std::find(end_states.begin(), end_states.end(), state) != end_states.end();
  if (state == "failed") out.trouble = trouble_in(batch);
  if (out.ended)
    for (const auto* file : {"output_file_id", "error_file_id"})
      if (auto id = text_in(batch, file); !id.empty()) out.results.push_back(std::move(id));
  if (const auto* metadata = object_in(batch, "metadata")) out.mark = text_in(*metadata, mark_key);
  out.created_unix_s = count_in(batch, "created_at");
  if (const auto* counts = object_in(batch, "request_counts"))
    out.items = count_in(*counts, "total");
  return out;
}

}  // namespace

expected<std::string> openai_batches::item(const std::string& custom_id,
                                           const chat_request& request,
                                           const provider_settings& account) const {
  if (request.to != endpoint::chat)
    return fail("provider " + account.name, "embeddings are not sent in batches");
  auto whole = request;
  whole.stream = false;
  auto call = dialect_.request(whole, account, {});
  if (!call) return tl::make_unexpected(call.error());
  return "{\"custom_id\":\"" + custom_id +
         "\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":" + call->body + "}";
}

expected<http_request> openai_batches::upload(const std::vector<std::string>& items,
                                              const std::string& mark,
                                              const provider_settings& account,
                                              std::string_view key) const {
  auto boundary = boundary_for(items, mark);
  auto request = dialect_.without_body("POST", "/files",
                                       "multipart/form-data; boundary=" + boundary, account, key);
  if (!request) return request;
  auto& body = request->body;
  std::size_t size = 1'000;
  for (const auto& item : items) size += item.size() + 1;
  body.reserve(size);
  body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n";
  body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"assay-" +
          mark + ".jsonl\"\r\nContent-Type: application/jsonl\r\n\r\n";
  for (const auto& item : items) {
    body += item;
    body += '\n';
  }
  body += "\r\n--" + boundary + "--\r\n";
  return request;
}

expected<http_request> openai_batches::create(const std::vector<std::string>&,
                                              const std::string& file, const std::string& mark,
                                              const provider_settings& account,
                                              std::string_view key) const {
  auto request = dialect_.without_body("POST", "/batches", "application/json", account, key);
  if (!request) return request;
  json body{{"input_file_id", file},
            {"endpoint", "/v1/chat/completions"},
            {"completion_window", "24h"},
            {"metadata", {{mark_key, mark}}}};
  request->body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return request;
}

expected<http_request> openai_batches::status(const std::string& batch,
                                              const provider_settings& account,
                                              std::string_view key) const {
  return dialect_.without_body("GET", "/batches/" + percent_encoded(batch), {}, account, key);
}

expected<http_request> openai_batches::list(const std::string& cursor,
                                            const provider_settings& account,
                                            std::string_view key) const {
  auto after = cursor.empty() ? std::string{} : "&after=" + percent_encoded(cursor);
  return dialect_.without_body("GET", "/batches?limit=100" + after, {}, account, key);
}

expected<http_request> openai_batches::fetch(const std::string& result,
                                             const provider_settings& account,
                                             std::string_view key) const {
  return dialect_.without_body("GET", "/files/" + percent_encoded(result) + "/content", {}, account,
                               key);
}

expected<std::string> openai_batches::read_upload(std::string_view body) const {
  return read_object(body).and_then([](const json& file) -> expected<std::string> {
    auto id = text_in(file, "id");
    if (id.empty()) return fail({}, "the API took the file of a batch but gave no id for it");
    return id;
  });
}

expected<batch_report> openai_batches::read_batch(std::string_view body) const {
  return batch_in(body, report_of);
}

expected<batch_page> openai_batches::read_page(std::string_view body) const {
  return page_in(body, report_of);
}

expected<item_result> openai_batches::read_result(std::string_view line) const {
  auto read = read_object(line);
  if (!read) return tl::make_unexpected(read.error());
  item_result out;
  out.custom_id = text_in(*read, "custom_id");
  if (const auto* response = object_in(*read, "response")) {
    auto body = response->find("body");
    auto status = count_in(*response, "status_code").value_or(200);
    out.got = read_inner(dialect_, status >= 100 && status < 600 ? static_cast<int>(status) : 500,
                         text_in(*response, "request_id"),
                         body == response->end() ? json::object() : *body);
    return out;
  }
  const auto* error = object_in(*read, "error");
  auto code = error ? text_in(*error, "code") : std::string{};
  auto message = error ? text_in(*error, "message") : std::string{};
  if (message.empty()) message = "the result of this request holds neither an answer nor an error";
  out.unanswered = code == "batch_expired" || code == "batch_cancelled";
  auto kind = code == "batch_expired"     ? error_class::timeout
              : code == "batch_cancelled" ? error_class::cancelled
                                          : error_class::server_error;
  out.got = unanswered(kind, std::move(code), std::move(message));
  return out;
}

}  // namespace assay::dialects
