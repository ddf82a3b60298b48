#include "providers/simulated/batch_book.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "providers/simulated/wire_text.hpp"

namespace assay::simulated {

namespace {

using nlohmann::json;

constexpr std::size_t most_openai_items = 50'000;
constexpr std::size_t most_anthropic_items = 100'000;
constexpr std::size_t usual_page = 20;

std::string text_of_json(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

tl::unexpected<rejection> not_found(const std::string& what, const std::string& id) {
  rejection no;
  no.why = failure::unknown_route;
  no.message = "No such " + what + ": " + id;
  return tl::make_unexpected(no);
}

std::string_view header(const header_list& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (std::equal(key.begin(), key.end(), name.begin(), name.end(),
                   [](unsigned char a, unsigned char b) { return std::tolower(a) == b; }))
      return value;
  return {};
}

/// The content of the form's part called `name`; empty if there is none.
std::string_view part_of(std::string_view form, std::string_view boundary, std::string_view name) {
  const std::string separator = "--" + std::string(boundary);
  const std::string wanted = "name=\"" + std::string(name) + "\"";
  for (auto at = form.find(separator); at != std::string_view::npos;) {
    const auto next = form.find(separator, at + separator.size());
    auto part =
        form.substr(at + separator.size(), next == form.npos ? next : next - at - separator.size());
    const auto body = part.find("\r\n\r\n");
    if (body != std::string_view::npos && part.substr(0, body).find(wanted) != part.npos) {
      part.remove_prefix(body + 4);
      return part.ends_with("\r\n") ? part.substr(0, part.size() - 2) : part;
    }
    at = next;
  }
  return {};
}

const char* openai_state(bool failed, bool ended, bool any_expired) {
  if (failed) return "failed";
  if (!ended) return "in_progress";
  return any_expired ? "expired" : "completed";
}

}  // namespace

tl::expected<batch_book::response, rejection> batch_book::handle(
    const route& where, std::string_view method, const header_list& headers, std::string_view body,
    instant now, std::int64_t unix_s, const answerer& answer) {
  const bool anthropic = where.format == &anthropic_wire();
  const bool creates = method == "POST";
  switch (where.kind) {
    case route_kind::files:
      return take_file(headers, body);
    case route_kind::file_content:
      return content_of_file(where.id, now, answer);
    case route_kind::batches:
      if (!creates) return page(where, now, answer);
      return anthropic ? create_anthropic(body, now, unix_s) : create_openai(body, now, unix_s);
    default:
      break;
  }
  auto* found = find(where.id, anthropic);
  if (!found) return not_found("batch", where.id);
  settle(*found, now, answer);
  if (where.kind == route_kind::batch) return response{describe(*found, now)};
  if (!found->answered) return not_found("results yet for batch", where.id);
  return response{found->output, "application/x-jsonl"};
}

tl::expected<batch_book::response, rejection> batch_book::take_file(const header_list& headers,
                                                                    std::string_view body) {
  const auto type = header(headers, "content-type");
  const auto at = type.find("boundary=");
  if (type.find("multipart/form-data") == type.npos || at == type.npos)
    return tl::make_unexpected(bad_field("file", "A multipart form with its boundary is needed."));
  const auto boundary = type.substr(at + 9);
  if (part_of(body, boundary, "purpose") != "batch")
    return tl::make_unexpected(bad_field("purpose", "Only files for batches are taken here."));
  const auto content = part_of(body, boundary, "file");
  if (content.empty()) return tl::make_unexpected(bad_field("file", "The file is empty."));
  auto id = "file-in" + std::to_string(files_.size() + 1);
  files_[id] = content;
  return response{text_of_json({{"id", id},
                                {"object", "file"},
                                {"bytes", content.size()},
                                {"purpose", "batch"},
                                {"status", "processed"}})};
}

/// Reads the lines of an input file; what is wrong with it, or an empty text.
std::string batch_book::read_lines(std::string_view file, std::vector<item>& into) {
  std::set<std::string> ids;
  while (!file.empty()) {
    const auto line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(file.size(), line.size() + 1));
    if (line.empty()) continue;
    const auto read = json::parse(line, nullptr, false);
    const auto number = "line " + std::to_string(into.size() + 1);
    if (!read.is_object()) return number + " is no JSON object";
    if (text_member(read, "method") != "POST" || text_member(read, "url") != "/v1/chat/completions")
      return number + " asks for another endpoint than /v1/chat/completions";
    auto id = text_member(read, "custom_id");
    if (id.empty() || !ids.insert(id).second) return number + " has no custom_id of its own";
    if (!read.contains("body")) return number + " has no body";
    into.push_back({std::move(id), text_of_json(read["body"])});
  }
  if (into.empty()) return "the file holds no request";
  return into.size() > most_openai_items ? "the file holds more than 50000 requests" : "";
}

batch_book::batch& batch_book::add(bool anthropic, instant now, std::int64_t unix_s) {
  auto& made = batches_.emplace_back();
  made.id = (anthropic ? "msgbatch_" : "batch_") + std::to_string(batches_.size());
  made.anthropic = anthropic;
  made.ends = now + habits_.time;
  made.created_unix_s = unix_s;
  return made;
}

batch_book::result batch_book::create_openai(std::string_view body, instant now,
                                             std::int64_t unix_s) {
  auto asked = parse_object(body);
  if (!asked) return tl::make_unexpected(asked.error());
  const auto file = files_.find(text_member(*asked, "input_file_id"));
  if (file == files_.end())
    return tl::make_unexpected(bad_field("input_file_id", "There is no such file."));
  if (text_member(*asked, "completion_window") != "24h")
    return tl::make_unexpected(bad_field("completion_window", "Only 24h is supported."));
  if (text_member(*asked, "endpoint") != "/v1/chat/completions")
    return tl::make_unexpected(bad_field("endpoint", "Only /v1/chat/completions is supported."));
  auto& made = add(false, now, unix_s);
  made.input_file = file->first;
  if (asked->contains("metadata")) made.metadata = text_of_json((*asked)["metadata"]);
  made.trouble = read_lines(file->second, made.items);
  if (!made.trouble.empty()) made.items.clear();
  return response{describe(made, now), "application/json",
                  static_cast<std::uint32_t>(made.items.size())};
}

batch_book::result batch_book::create_anthropic(std::string_view body, instant now,
                                                std::int64_t unix_s) {
  auto asked = parse_object(body);
  if (!asked) return tl::make_unexpected(asked.error());
  const auto requests = asked->find("requests");
  if (requests == asked->end() || !requests->is_array() || requests->empty() ||
      requests->size() > most_anthropic_items)
    return tl::make_unexpected(bad_field("requests", "requests: a list of 1 to 100000 is needed"));
  std::vector<item> items;
  std::set<std::string> ids;
  for (const auto& each : *requests) {
    auto id = each.is_object() ? text_member(each, "custom_id") : std::string{};
    if (id.empty() || id.size() > 64 || !ids.insert(id).second || !each.contains("params"))
      return tl::make_unexpected(
          bad_field("requests", "requests: each needs params and a custom_id of its own"));
    items.push_back({std::move(id), text_of_json(each["params"])});
  }
  auto& made = add(true, now, unix_s);
  made.items = std::move(items);
  return response{describe(made, now), "application/json",
                  static_cast<std::uint32_t>(made.items.size())};
}

batch_book::batch* batch_book::find(const std::string& id, bool anthropic) {
  auto found = std::find_if(batches_.begin(), batches_.end(),
                            [&](const batch& b) { return b.id == id && b.anthropic == anthropic; });
  return found == batches_.end() ? nullptr : &*found;
}

/// Answers the requests of a batch whose time has come.
void batch_book::settle(batch& b, instant now, const answerer& answer) {
  if (b.answered || now < b.ends) return;
  b.answered = true;
  for (const auto& each : b.items) add_line(b, each, answer(each.body));
}

void batch_book::add_line(batch& b, const item& asked, const item_answer& got) {
  const bool well = !got.expired && got.status == 200;
  ++(got.expired ? b.expired : well ? b.succeeded : b.errored);
  const auto id = quote(asked.custom_id);
  if (b.anthropic) {
    b.output += "{\"custom_id\":" + id + ",\"result\":{\"type\":";
    b.output += got.expired ? "\"expired\""
                : well      ? "\"succeeded\",\"message\":" + got.body
                            : "\"errored\",\"error\":" + got.body;
    b.output += "}}\n";
    return;
  }
  auto& file = well ? b.output : b.errors;
  file += "{\"id\":\"batch_req_" + asked.custom_id + "\",\"custom_id\":" + id;
  if (got.expired)
    file +=
        ",\"response\":null,\"error\":{\"code\":\"batch_expired\",\"message\":\"This request could "
        "not be executed before the completion window expired.\"}}\n";
  else
    file += ",\"response\":{\"status_code\":" + std::to_string(got.status) +
            ",\"request_id\":\"req_" + asked.custom_id + "\",\"body\":" + got.body +
            "},\"error\":null}\n";
}

std::string batch_book::describe(const batch& b, instant now) {
  const bool ended = b.answered || now >= b.ends;
  if (b.anthropic) {
    const auto waiting = b.answered ? 0 : b.items.size();
    return text_of_json(
        {{"id", b.id},
         {"type", "message_batch"},
         {"processing_status", ended ? "ended" : "in_progress"},
         {"request_counts",
          {{"processing", waiting},
           {"succeeded", b.succeeded},
           {"errored", b.errored},
           {"canceled", 0},
           {"expired", b.expired}}},
         {"created_at", print_rfc3339(b.created_unix_s)},
         {"results_url", ended ? json("/v1/messages/batches/" + b.id + "/results") : json()}});
  }
  json errors;
  if (!b.trouble.empty())
    errors = {{"object", "list"}, {"data", json::array({{{"message", b.trouble}}})}};
  return text_of_json(
      {{"id", b.id},
       {"object", "batch"},
       {"endpoint", "/v1/chat/completions"},
       {"errors", errors},
       {"input_file_id", b.input_file},
       {"completion_window", "24h"},
       {"status", openai_state(!b.trouble.empty(), ended, b.expired > 0)},
       {"output_file_id", b.output.empty() ? json() : json("file-out-" + b.id)},
       {"error_file_id", b.errors.empty() ? json() : json("file-err-" + b.id)},
       {"created_at", b.created_unix_s},
       {"request_counts",
        {{"total", b.items.size()}, {"completed", b.succeeded}, {"failed", b.errored + b.expired}}},
       {"metadata", json::parse(b.metadata)}});
}

batch_book::result batch_book::content_of_file(const std::string& id, instant now,
                                               const answerer& answer) {
  if (const auto input = files_.find(id); input != files_.end()) return response{input->second};
  for (const auto* kind : {"file-out-", "file-err-"}) {
    if (!id.starts_with(kind)) continue;
    auto* of = find(id.substr(std::string_view(kind).size()), false);
    if (!of) continue;
    settle(*of, now, answer);
    const auto& content = id.starts_with("file-out-") ? of->output : of->errors;
    if (!content.empty()) return response{content, "application/octet-stream"};
  }
  return not_found("file", id);
}

batch_book::result batch_book::page(const route& where, instant now, const answerer& answer) {
  const bool anthropic = where.format == &anthropic_wire();
  auto limit = where.limit > 0 ? where.limit : usual_page;
  bool begun = where.cursor.empty();
  json out{{"data", json::array()}, {"has_more", false}};
  for (auto b = batches_.rbegin(); b != batches_.rend(); ++b) {
    if (b->anthropic != anthropic) continue;
    if (begun && out["data"].size() == limit) out["has_more"] = true;
    if (begun && out["data"].size() < limit) {
      settle(*b, now, answer);
      out["data"].push_back(json::parse(describe(*b, now)));
    }
    begun = begun || b->id == where.cursor;
  }
  if (!anthropic) out["object"] = "list";
  if (!out["data"].empty()) {
    out["first_id"] = out["data"].front()["id"];
    out["last_id"] = out["data"].back()["id"];
  }
  return response{text_of_json(out)};
}

}  // namespace assay::simulated
