#include "providers/dialects/batch_api.hpp"

#include "providers/dialects/batch_json.hpp"
#include "providers/dialects/classify.hpp"
#include "providers/dialects/header_fields.hpp"
#include "providers/dialects/request_parts.hpp"
#include "providers/dialects/utf8.hpp"

namespace assay::dialects {

namespace {

constexpr std::size_t longest_answer = std::size_t{1} << 30;
constexpr std::size_t longest_field = 2'000;

class whole_reader final : public answer_reader {
 public:
  whole_reader(const dialect_rows& rows, std::shared_ptr<std::string> body)
      : rows_(rows), body_(std::move(body)) {}

  void head(int status, const header_list& headers, instant now) override {
    tried_.http_status = status;
    tried_.at.first_byte = now;
    headers_ = headers;
    for (const auto* name : {"x-request-id", "request-id"})
      if (auto id = find_header(headers, name); id && tried_.request_id.empty())
        tried_.request_id = repair_utf8(clip_utf8(*id, 200));
  }
  const std::vector<rate_header>& limits() const override { return tried_.limits; }
  bool body(std::string_view bytes, instant) override {
    if (body_->size() + bytes.size() > longest_answer) return false;
    body_->append(bytes);
    return true;
  }
  exchange_result finish(const api_error& transport_error, instant now) override {
    tried_.at.done = now;
    tried_.bytes_received = static_cast<std::int64_t>(body_->size());
    if (transport_error.kind != error_class::none)
      tried_.error = transport_error;
    else if (tried_.http_status / 100 != 2)
      tried_.error = classify(rows_, tried_.http_status, headers_,
                              std::string_view(*body_).substr(0, 64u << 10));
    return {std::move(tried_), {}};
  }

 private:
  const dialect_rows& rows_;
  std::shared_ptr<std::string> body_;
  attempt tried_;
  header_list headers_;
};

}  // namespace

std::unique_ptr<answer_reader> batch_reader(const batch_api& api,
                                            std::shared_ptr<std::string> body) {
  return std::make_unique<whole_reader>(api.errors(), std::move(body));
}

std::string_view take_line(std::string_view& text) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line = trimmed(line); !line.empty()) return line;
  }
  return {};
}

expected<nlohmann::json> read_object(std::string_view text) {
  auto wrong = [&](const char* what) {
    return fail({}, "the batch endpoint answered with " + std::string(what) + ": " +
                        repair_utf8(clip_utf8(text, 80)));
  };
  if (nesting_of(text) > deepest_json) return wrong("JSON that nests deeper than 64 levels");
  auto read = nlohmann::json::parse(text, nullptr, false);
  if (read.is_discarded()) return wrong("what is no JSON");
  if (!read.is_object()) return wrong("JSON that is no object");
  return read;
}

std::string text_in(const nlohmann::json& object, const char* name) {
  auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  return repair_utf8(clip_utf8(found->get_ref<const std::string&>(), longest_field));
}

std::optional<std::int64_t> count_in(const nlohmann::json& object, const char* name) {
  auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return {};
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX) return {};
  return found->get<std::int64_t>();
}

const nlohmann::json* object_in(const nlohmann::json& object, const char* name) {
  auto found = object.find(name);
  return found == object.end() || !found->is_object() ? nullptr : &*found;
}

const nlohmann::json* list_in(const nlohmann::json& object, const char* name) {
  auto found = object.find(name);
  return found == object.end() || !found->is_array() ? nullptr : &*found;
}

expected<batch_report> batch_in(std::string_view body, read_report report_of) {
  return read_object(body).and_then([&](const nlohmann::json& batch) -> expected<batch_report> {
    auto report = report_of(batch);
    if (report.id.empty()) return fail({}, "the API answered with a batch that has no id");
    return report;
  });
}

expected<batch_page> page_in(std::string_view body, read_report report_of) {
  return read_object(body).and_then([&](const nlohmann::json& page) -> expected<batch_page> {
    const auto* data = list_in(page, "data");
    if (!data) return fail({}, "the API answered with no list of batches");
    batch_page out;
    for (const auto& each : *data)
      if (each.is_object() && !text_in(each, "id").empty()) out.batches.push_back(report_of(each));
    auto more = page.find("has_more");
    if (more != page.end() && more->is_boolean() && more->get<bool>() && !out.batches.empty())
      out.next = out.batches.back().id;
    return out;
  });
}

exchange_result read_inner(const dialect& of, int status, const std::string& request_id,
                           const nlohmann::json& body) {
  auto reader = of.reader({});
  constexpr instant no_time{};
  header_list headers{{"content-type", "application/json"}};
  if (!request_id.empty()) headers.emplace_back("x-request-id", request_id);
  reader->head(status, headers, no_time);
  auto text = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (!reader->body(text, no_time))
    return unanswered(error_class::server_error, {}, "the answer is too large");
  auto read = reader->finish({}, no_time);
  read.tried.at = {};
  return read;
}

exchange_result unanswered(error_class kind, std::string code, std::string message) {
  exchange_result none;
  none.tried.error = {.kind = kind, .code = std::move(code), .message = std::move(message)};
  return none;
}

}  // namespace assay::dialects
