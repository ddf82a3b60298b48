#include "providers/dialects/anthropic_batches.hpp"

#include <array>

#include "providers/dialects/anthropic.hpp"
#include "providers/dialects/base_url.hpp"
#include "providers/dialects/batch_json.hpp"
#include "providers/dialects/durations.hpp"

namespace assay::dialects {

namespace {

using nlohmann::json;

struct status_of_type {
  std::string_view type;
  int status;
};

/// The status with which a single call gets an error of this type.
constexpr std::array<status_of_type, 10> statuses{{{"invalid_request_error", 400},
                                                   {"authentication_error", 401},
                                                   {"billing_error", 402},
                                                   {"permission_error", 403},
                                                   {"not_found_error", 404},
                                                   {"request_too_large", 413},
                                                   {"rate_limit_error", 429},
                                                   {"api_error", 500},
                                                   {"timeout_error", 504},
                                                   {"overloaded_error", 529}}};

int status_for(const std::string& type) {
  for (const auto& row : statuses)
    if (row.type == type) return row.status;
  return 500;
}

/// Seen with and without the envelope {"type": "error", "error": {...}}.
json enveloped(const json& error) {
  if (object_in(error, "error")) return error;
  return {{"type", "error"}, {"error", error}};
}

std::string path_of(const std::string& batch) {
  return "/messages/batches/" + percent_encoded(batch);
}

std::optional<std::int64_t> items_in(const json& batch) {
  const auto* counts = object_in(batch, "request_counts");
  if (!counts) return {};
  std::int64_t sum = 0;
  for (const auto* state : {"processing", "succeeded", "errored", "canceled", "expired"}) {
    auto count = count_in(*counts, state);
    if (!count || *count < 0 || *count > 1'000'000'000) return {};
    sum += *count;
  }
  return sum;
}

/// The results are asked for under the batch's own path, not under the URL that the answer names:
/// the key goes nowhere else.
batch_report report_of(const json& batch) {
  batch_report out;
  out.id = text_in(batch, "id");
  out.ended = text_in(batch, "processing_status") == "ended";
  if (out.ended && !text_in(batch, "results_url").empty()) out.results.push_back(out.id);
  if (auto created = rfc3339(text_in(batch, "created_at")))
    out.created_unix_s =
        std::chrono::duration_cast<std::chrono::seconds>(created->time_since_epoch()).count();
  out.items = items_in(batch);
  return out;
}

}  // namespace

expected<std::string> anthropic_batches::item(const std::string& custom_id,
                                              const chat_request& request,
                                              const provider_settings& account) const {
  auto whole = request;
  whole.stream = false;
  auto call = dialect_.request(whole, account, {});
  if (!call) return tl::make_unexpected(call.error());
  return "{\"custom_id\":\"" + custom_id + "\",\"params\":" + call->body + "}";
}

expected<http_request> anthropic_batches::upload(const std::vector<std::string>&,
                                                 const std::string&, const provider_settings&,
                                                 std::string_view) const {
  return fail({}, "this API takes no files for batches");
}

expected<http_request> anthropic_batches::create(const std::vector<std::string>& items,
                                                 const std::string&, const std::string&,
                                                 const provider_settings& account,
                                                 std::string_view key) const {
  auto request =
      dialect_.without_body("POST", "/messages/batches", "application/json", account, key);
  if (!request) return request;
  auto& body = request->body;
  body = "{\"requests\":[";
  for (const auto& item : items) {
    if (&item != &items.front()) body += ',';
    body += item;
  }
  body += "]}";
  return request;
}

expected<http_request> anthropic_batches::status(const std::string& batch,
                                                 const provider_settings& account,
                                                 std::string_view key) const {
  return dialect_.without_body("GET", path_of(batch), {}, account, key);
}

expected<http_request> anthropic_batches::list(const std::string& cursor,
                                               const provider_settings& account,
                                               std::string_view key) const {
  auto after = cursor.empty() ? std::string{} : "&after_id=" + percent_encoded(cursor);
  return dialect_.without_body("GET", "/messages/batches?limit=100" + after, {}, account, key);
}

expected<http_request> anthropic_batches::fetch(const std::string& result,
                                                const provider_settings& account,
                                                std::string_view key) const {
  return dialect_.without_body("GET", path_of(result) + "/results", {}, account, key);
}

expected<std::string> anthropic_batches::read_upload(std::string_view) const {
  return fail({}, "this API takes no files for batches");
}

expected<batch_report> anthropic_batches::read_batch(std::string_view body) const {
  return batch_in(body, report_of);
}

expected<batch_page> anthropic_batches::read_page(std::string_view body) const {
  return page_in(body, report_of);
}

expected<item_result> anthropic_batches::read_result(std::string_view line) const {
  auto read = read_object(line);
  if (!read) return tl::make_unexpected(read.error());
  item_result out;
  out.custom_id = text_in(*read, "custom_id");
  const auto* result = object_in(*read, "result");
  auto type = result ? text_in(*result, "type") : std::string{};
  const auto* message = type == "succeeded" ? object_in(*result, "message") : nullptr;
  const auto* error = type == "errored" ? object_in(*result, "error") : nullptr;
  if (message) {
    out.got = read_inner(dialect_, 200, {}, *message);
  } else if (error) {
    auto body = enveloped(*error);
    out.got = read_inner(dialect_, status_for(text_in(body["error"], "type")), {}, body);
  } else if (type == "expired" || type == "canceled") {
    out.unanswered = true;
    out.got = unanswered(type == "expired" ? error_class::timeout : error_class::cancelled, type,
                         "the request was " + type + " before the API came to it");
  } else {
    out.got = unanswered(error_class::server_error, type,
                         "the result of this request holds neither an answer nor an error");
  }
  return out;
}

}  // namespace assay::dialects
