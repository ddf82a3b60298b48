#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "messages/known_names.hpp"
#include "providers/dialects/batch_api.hpp"

// The batch endpoints: requests, reports and result lines, by the providers' API references.
namespace assay::tests {

namespace {

using nlohmann::json;

const dialects::batch_api& api(std::string_view dialect) {
  const auto* found = dialects::find(dialect)->batches();
  REQUIRE(found != nullptr);
  return *found;
}

provider_settings account(std::string base_url = "https://h") {
  provider_settings p;
  p.name = "p";
  p.base_url = std::move(base_url);
  return p;
}

chat_request question(std::string model = "m") {
  chat_request q;
  q.model = std::move(model);
  q.messages = {{role::user, "2+2?"}};
  q.max_tokens = 10;
  return q;
}

http_request must(expected<http_request> made) {
  REQUIRE_MESSAGE(made.has_value(), render(made.error()));
  return *made;
}

bool has_header(const http_request& r, const std::string& name, const std::string& value) {
  return std::find(r.headers.begin(), r.headers.end(), std::pair{name, value}) != r.headers.end();
}

exchange_result play(const dialects::batch_api& of, int status, const header_list& headers,
                     std::string_view text, std::string* body = nullptr) {
  auto into = std::make_shared<std::string>();
  auto reader = dialects::batch_reader(of, into);
  reader->head(status, headers, instant{} + milliseconds(1));
  reader->body(text, instant{} + milliseconds(2));
  auto result = reader->finish({}, instant{} + milliseconds(3));
  if (body) *body = *into;
  return result;
}

}  // namespace

TEST_CASE("the dialects with a batch endpoint are those that a configuration may use") {
  for (auto name : dialects::names()) {
    CAPTURE(name);
    CHECK((dialects::find(name)->batches() != nullptr) ==
          known::contains(known::batch_dialects, name));
  }
}

TEST_CASE("openai: a request of a batch is the body of a single call that does not stream") {
  auto line = api("openai").item("id-1", question(), account());
  REQUIRE(line);
  CHECK(json::parse(*line) == json::parse(R"({"custom_id": "id-1", "method": "POST",
    "url": "/v1/chat/completions",
    "body": {"model": "m", "messages": [{"role": "user", "content": "2+2?"}], "max_tokens": 10}})"));
  CHECK(line->find('\n') == std::string::npos);
}

TEST_CASE("openai: the file of a batch is a form with its purpose and a line for each request") {
  auto r = must(api("openai").upload({"{\"a\":1}", "{\"b\":2}"}, "cafe", account(), "k-1"));
  CHECK(r.method == "POST");
  CHECK(r.url == "https://h/v1/files");
  CHECK(has_header(r, "authorization", "Bearer k-1"));
  CHECK(has_header(r, "content-type", "multipart/form-data; boundary=assay-cafe"));
  CHECK(r.body ==
        "--assay-cafe\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
        "--assay-cafe\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"assay-cafe.jsonl\"\r\nContent-Type: application/jsonl\r\n\r\n"
        "{\"a\":1}\n{\"b\":2}\n\r\n--assay-cafe--\r\n");
}

TEST_CASE("openai: the boundary of the form stands in no request") {
  auto r = must(api("openai").upload({"\"--assay-cafe\""}, "cafe", account(), ""));
  CHECK(has_header(r, "content-type", "multipart/form-data; boundary=assay-cafex"));
}

TEST_CASE("openai: a batch is created from its file and carries our mark") {
  auto r = must(api("openai").create({}, "file-1", "cafe", account(), "k-1"));
  CHECK(r.url == "https://h/v1/batches");
  CHECK(json::parse(r.body) ==
        json::parse(R"({"input_file_id": "file-1", "endpoint": "/v1/chat/completions",
          "completion_window": "24h", "metadata": {"assay": "cafe"}})"));
}

TEST_CASE("openai: ids of the API stand in a path as one segment, whatever they hold") {
  const auto& of = api("openai");
  CHECK(must(of.status("batch_1", account(), "")).url == "https://h/v1/batches/batch_1");
  CHECK(must(of.status("../files", account(), "")).url == "https://h/v1/batches/..%2Ffiles");
  CHECK(must(of.fetch("file-2", account(), "")).url == "https://h/v1/files/file-2/content");
  CHECK(must(of.list("", account(), "")).url == "https://h/v1/batches?limit=100");
  CHECK(must(of.list("batch_9", account(), "")).url ==
        "https://h/v1/batches?limit=100&after=batch_9");
  CHECK(must(of.list("", account(), "")).method == "GET");
}

TEST_CASE("openai: a batch tells its state, its mark and where its results are") {
  auto b = api("openai").read_batch(R"({"id": "batch_1", "object": "batch", "errors": null,
    "input_file_id": "file-1", "completion_window": "24h", "status": "completed",
    "output_file_id": "file-o", "error_file_id": "file-e", "created_at": 1711471533,
    "request_counts": {"total": 100, "completed": 95, "failed": 5},
    "metadata": {"assay": "cafe", "other": "x"}})");
  REQUIRE(b);
  CHECK(b->id == "batch_1");
  CHECK(b->ended);
  CHECK(b->mark == "cafe");
  CHECK(b->results == std::vector<std::string>{"file-o", "file-e"});
  CHECK(b->created_unix_s == 1711471533);
  CHECK(b->items == 100);
  CHECK(b->trouble == "");
}

TEST_CASE("openai: a batch has ended in four states and goes on in all others") {
  for (std::string state : {"completed", "failed", "expired", "cancelled"})
    CHECK(api("openai").read_batch(R"({"id": "b", "status": ")" + state + "\"}")->ended);
  for (std::string state : {"validating", "in_progress", "finalizing", "cancelling", "new"})
    CHECK_FALSE(api("openai").read_batch(R"({"id": "b", "status": ")" + state + "\"}")->ended);
}

TEST_CASE("openai: a batch that failed as a whole says why") {
  auto b = api("openai").read_batch(R"({"id": "b", "status": "failed", "errors": {"object": "list",
    "data": [{"code": "token_limit_exceeded", "message": "Enqueued token limit reached."}]}})");
  CHECK(b->trouble == "Enqueued token limit reached.");
  CHECK(b->results.empty());
}

TEST_CASE("a list of batches leads to its next piece, and the last one to none") {
  auto page =
      api("openai").read_page(R"({"object": "list", "data": [{"id": "b2", "status": "failed"},
    {"id": "b1", "status": "completed"}, 7], "has_more": true})");
  REQUIRE(page);
  CHECK(page->batches.size() == 2);
  CHECK(page->next == "b1");
  CHECK(api("openai").read_page(R"({"data": [{"id": "b"}], "has_more": false})")->next == "");
  CHECK(api("anthropic").read_page(R"({"data": [], "has_more": true})")->next == "");
  CHECK_FALSE(api("anthropic").read_page(R"({"error": {}})"));
}

TEST_CASE("openai: a result line holds the answer of a single call") {
  auto r = api("openai").read_result(R"({"id": "batch_req_1", "custom_id": "id-1", "response":
    {"status_code": 200, "request_id": "req-7", "body": {"id": "chatcmpl-1",
      "object": "chat.completion", "model": "m-1", "choices": [{"index": 0,
        "message": {"role": "assistant", "content": "4", "refusal": null},
        "finish_reason": "stop"}],
      "usage": {"prompt_tokens": 24, "completion_tokens": 8}}}, "error": null})");
  REQUIRE(r);
  CHECK(r->custom_id == "id-1");
  CHECK(r->got.tried.error.kind == error_class::none);
  CHECK(r->got.tried.request_id == "req-7");
  CHECK(r->got.tried.usage.input == 24);
  CHECK(r->got.tried.usage.output == 8);
  CHECK(r->got.reply.text == "4");
  CHECK(r->got.reply.why == finish::stop);
  CHECK(r->got.tried.at == timeline{});
}

TEST_CASE("openai: an error of a request is classed as that of a single call") {
  auto r = api("openai").read_result(R"({"custom_id": "id-1", "response": {"status_code": 400,
    "body": {"error": {"message": "too long", "type": "invalid_request_error",
      "code": "context_length_exceeded"}}}, "error": null})");
  CHECK(r->got.tried.error.kind == error_class::context_too_long);
  CHECK(r->got.tried.http_status == 400);
  CHECK_FALSE(r->unanswered);
}

TEST_CASE("openai: an expired request is unanswered, and so is a cancelled one") {
  auto r = api("openai").read_result(R"({"custom_id": "id-3", "response": null, "error":
    {"code": "batch_expired", "message": "This request could not be executed in time."}})");
  CHECK(r->unanswered);
  CHECK(r->got.tried.error.kind == error_class::timeout);
  CHECK(r->got.tried.error.message == "This request could not be executed in time.");
  r = api("openai").read_result(
      R"({"custom_id": "id-3", "response": null, "error": {"code": "batch_cancelled"}})");
  CHECK(r->unanswered);
  CHECK(r->got.tried.error.kind == error_class::cancelled);
}

TEST_CASE("anthropic: a batch is one request with all its requests") {
  const auto& of = api("anthropic");
  auto one = of.item("id-1", question(), account());
  REQUIRE(one);
  auto r = must(of.create({*one, *one}, "", "cafe", account(), "k-1"));
  CHECK(r.url == "https://h/v1/messages/batches");
  CHECK(has_header(r, "x-api-key", "k-1"));
  CHECK(has_header(r, "anthropic-version", "2023-06-01"));
  auto params =
      R"({"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": "2+2?"}]})";
  json each{{"custom_id", "id-1"}, {"params", json::parse(params)}};
  CHECK(json::parse(r.body) == json{{"requests", {each, each}}});
  CHECK_FALSE(of.uploads());
  CHECK_FALSE(of.keeps_marks());
}

TEST_CASE("anthropic: a batch tells its state, its size and when it was made") {
  auto text = R"({"id": "msgbatch_1", "type": "message_batch", "processing_status": "ended",
    "request_counts": {"processing": 0, "succeeded": 50, "errored": 30, "canceled": 10,
      "expired": 10}, "created_at": "2024-08-20T18:37:24.100435Z",
    "results_url": "https://elsewhere/v1/messages/batches/msgbatch_1/results"})";
  auto b = api("anthropic").read_batch(text);
  REQUIRE(b);
  CHECK(b->ended);
  CHECK(b->items == 100);
  CHECK(b->created_unix_s == 1724179044);
  REQUIRE(b->results == std::vector<std::string>{"msgbatch_1"});
  // The key goes to our base URL and never to where an answer points.
  CHECK(must(api("anthropic").fetch(b->results[0], account(), "k")).url ==
        "https://h/v1/messages/batches/msgbatch_1/results");
  CHECK_FALSE(
      api("anthropic").read_batch(R"({"id": "b", "processing_status": "canceling"})")->ended);
}

TEST_CASE("anthropic: a result is a message, an error, or nothing") {
  const auto& of = api("anthropic");
  auto r = of.read_result(R"({"custom_id": "id-2", "result": {"type": "succeeded", "message":
    {"id": "msg_1", "type": "message", "role": "assistant", "model": "m-1", "content":
      [{"type": "text", "text": "Hello"}], "stop_reason": "end_turn",
      "usage": {"input_tokens": 11, "output_tokens": 36}}}})");
  REQUIRE(r);
  CHECK(r->got.reply.text == "Hello");
  CHECK(r->got.tried.usage.output == 36);
  CHECK(r->got.tried.error.kind == error_class::none);
  for (std::string error : {R"({"type": "invalid_request_error", "message": "bad"})",
                            R"({"type": "error", "error":
                                {"type": "invalid_request_error", "message": "bad"}})"}) {
    r = of.read_result(R"({"custom_id": "x", "result": {"type": "errored", "error": )" + error +
                       "}}");
    CHECK(r->got.tried.error.kind == error_class::bad_request);
    CHECK(r->got.tried.error.message == "bad");
    CHECK_FALSE(r->unanswered);
  }
  r = of.read_result(R"({"custom_id": "x", "result": {"type": "expired"}})");
  CHECK(r->unanswered);
  CHECK(r->got.tried.error.kind == error_class::timeout);
  CHECK(of.read_result(R"({"custom_id": "x", "result": {"type": "canceled"}})")->unanswered);
  r = of.read_result(R"({"custom_id": "x", "result": {"type": "new"}})");
  CHECK(r->got.tried.error.kind == error_class::server_error);
}

TEST_CASE("what is no result line is a problem, also if it nests without end") {
  for (auto name : known::batch_dialects) {
    CAPTURE(name);
    CHECK_FALSE(api(name).read_result("oops"));
    CHECK_FALSE(api(name).read_result("[]"));
    CHECK_FALSE(api(name).read_result("{\"a\":" + std::string(100'000, '[')));
    CHECK_FALSE(api(name).read_batch("{}"));
    CHECK(api(name).read_result("{}")->got.tried.error.kind == error_class::server_error);
  }
}

TEST_CASE("the endpoint's own errors are classed, and its answer is kept as it is") {
  std::string body;
  auto ok = play(api("openai"), 200, {{"x-request-id", "r-1"}}, "{\"id\": \"b\"}", &body);
  CHECK(ok.tried.error.kind == error_class::none);
  CHECK(ok.tried.request_id == "r-1");
  CHECK(body == "{\"id\": \"b\"}");
  auto limited = play(api("openai"), 429, {{"retry-after", "7"}},
                      R"({"error": {"message": "slow", "code": "rate_limit_exceeded"}})");
  CHECK(limited.tried.error.kind == error_class::rate_limited);
  CHECK(limited.tried.error.retry_after == milliseconds(7'000));
  auto busy = play(api("anthropic"), 529, {},
                   R"({"type": "error", "error": {"type": "overloaded_error", "message": "x"}})");
  CHECK(busy.tried.error.kind == error_class::overloaded);
}

TEST_CASE("lines are taken off one by one, blank ones passed over") {
  std::string_view text = "\n one\r\n\n two\n";
  CHECK(dialects::take_line(text) == "one");
  CHECK(dialects::take_line(text) == "two");
  CHECK(dialects::take_line(text) == "");
}

}  // namespace assay::tests
