#include <doctest/doctest.h>

#include <map>

#include "asking.hpp"

// The batch endpoints of the simulated service.
using namespace assay;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

constexpr auto form = "multipart/form-data; boundary=B";

std::string upload_of(const std::string& lines) {
  return "--B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
         "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n" +
         lines + "\r\n--B--\r\n";
}

json read(const simulated::service::handled& h) { return json::parse(bytes_of(h.what)); }

simulated::service::handled get(simulated::service& s, const std::string& path,
                                instant now = start) {
  return s.handle("GET", path, {}, {}, now);
}

std::string line(const std::string& id, const std::string& body) {
  return json{{"custom_id", id},
              {"method", "POST"},
              {"url", "/v1/chat/completions"},
              {"body", json::parse(body)}}
             .dump() +
         "\n";
}

/// Creates a batch of OpenAI's and gives its report.
json create(simulated::service& s, const std::string& lines, instant now = start) {
  auto file = read(s.handle("POST", "/v1/files", {{"content-type", form}}, upload_of(lines), now));
  json asked{{"input_file_id", file["id"]},
             {"endpoint", "/v1/chat/completions"},
             {"completion_window", "24h"},
             {"metadata", {{"assay", "cafe"}}}};
  return read(s.handle("POST", "/v1/batches", {}, asked.dump(), now));
}

std::map<std::string, json> lines_of(const std::string& text) {
  std::map<std::string, json> all;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one);)
    all[json::parse(one)["custom_id"]] = json::parse(one);
  return all;
}

}  // namespace

TEST_CASE("a batch is in progress for its time, then its answers are those of single calls") {
  auto settings = mock_with(model_named("m", 0.5));
  settings.batch.time = 10s;
  simulated::service batched(settings, numbered(5)), single(settings, numbered(5));
  std::string lines;
  std::map<std::string, json> alone;
  for (const auto& s : numbered(5)) {
    lines += line(s.id, chat(s.input));
    alone[s.id] = read(ask(single, chat(s.input)));
  }
  auto made = create(batched, lines);
  CHECK(made["status"] == "in_progress");
  CHECK(made["metadata"]["assay"] == "cafe");
  std::string path = "/v1/batches/" + made["id"].get<std::string>();
  CHECK(read(get(batched, path, start + 9s))["status"] == "in_progress");
  auto ended = read(get(batched, path, start + 10s));
  CHECK(ended["status"] == "completed");
  CHECK(ended["error_file_id"].is_null());
  auto file = "/v1/files/" + ended["output_file_id"].get<std::string>() + "/content";
  auto results = lines_of(bytes_of(get(batched, file, start + 11s).what));
  REQUIRE(results.size() == 5);
  for (const auto& [id, answer] : alone) {
    CHECK(results[id]["response"]["status_code"] == 200);
    CHECK(results[id]["response"]["body"]["choices"] == answer["choices"]);
  }
}

TEST_CASE("a batch's results cannot be had before it has ended") {
  auto settings = mock_with(model_named("m"));
  settings.batch.time = 10s;
  simulated::service s(settings, {});
  json asked{{"requests",
              {{{"custom_id", "a"}, {"params", json::parse(chat("1 + 1", {{"max_tokens", 9}}))}}}}};
  auto made = read(ask(s, asked.dump(), start, "/v1/messages/batches"));
  CHECK(made["processing_status"] == "in_progress");
  CHECK(made["request_counts"]["processing"] == 1);
  auto path = "/v1/messages/batches/" + made["id"].get<std::string>() + "/results";
  CHECK(get(s, path, start + 9s).what.status == 404);
  auto results = lines_of(bytes_of(get(s, path, start + 10s).what));
  CHECK(results["a"]["result"]["type"] == "succeeded");
  CHECK(results["a"]["result"]["message"]["content"][0]["text"] == "2");
}

TEST_CASE("requests expire and fail by the seed; those that do stand in OpenAI's error file") {
  auto settings = mock_with(model_named("m"));
  settings.batch = {0ms, 0.5};
  settings.faults.http_500 = 0.5;
  std::map<std::string, json> errors;
  for (int round = 0; round < 2 && errors.empty(); ++round) {
    simulated::service s(settings, {});
    // The endpoint itself fails by the same chances.
    std::string lines;
    for (int i = 0; i < 20; ++i) lines += line("r" + std::to_string(i), chat(std::to_string(i)));
    json made;
    auto file = json{};
    while (!file.contains("id"))
      file = read(s.handle("POST", "/v1/files", {{"content-type", form}}, upload_of(lines), start));
    json asked{{"input_file_id", file["id"]},
               {"endpoint", "/v1/chat/completions"},
               {"completion_window", "24h"}};
    while (!made.contains("id"))
      made = read(s.handle("POST", "/v1/batches", {}, asked.dump(), start));
    json ended;
    while (!ended.contains("id"))
      ended = read(get(s, "/v1/batches/" + made["id"].get<std::string>()));
    CHECK(ended["status"] == "expired");
    std::string text = "{}";
    while (text.find("custom_id") == text.npos)
      text = bytes_of(
          get(s, "/v1/files/" + ended["error_file_id"].get<std::string>() + "/content").what);
    errors = lines_of(text);
    auto counts = ended["request_counts"];
    CHECK(counts["failed"] == errors.size());
    CHECK(counts["completed"] == 20 - errors.size());
  }
  bool expired = false, failed = false;
  for (const auto& [id, e] : errors) {
    expired = expired || e["error"].value("code", "") == "batch_expired";
    failed = failed || (e["response"].is_object() && e["response"]["status_code"] == 500);
  }
  CHECK(expired);
  CHECK(failed);
}

TEST_CASE("an input file with a fault fails as a whole and answers nothing") {
  simulated::service s(mock_with(model_named("m")), {});
  auto twice = line("a", chat("1")) + line("a", chat("2"));
  auto made = create(s, twice);
  CHECK(made["status"] == "failed");
  CHECK(made["errors"]["data"][0]["message"] == "line 2 has no custom_id of its own");
}

TEST_CASE("the list shows the newest batch first, in pieces") {
  simulated::service s(mock_with(model_named("m")), {});
  for (int i = 0; i < 3; ++i) create(s, line("a", chat("1")));
  auto page = read(get(s, "/v1/batches?limit=2"));
  REQUIRE(page["data"].size() == 2);
  CHECK(page["data"][0]["id"] == "batch_3");
  CHECK(page["has_more"] == true);
  page = read(get(s, "/v1/batches?limit=2&after=" + page["last_id"].get<std::string>()));
  REQUIRE(page["data"].size() == 1);
  CHECK(page["data"][0]["id"] == "batch_1");
  CHECK(page["has_more"] == false);
  CHECK(read(get(s, "/v1/messages/batches")).at("data").empty());
}

TEST_CASE("the truth log counts the requests of every batch that was made") {
  simulated::service s(mock_with(model_named("m")), {});
  json asked{{"requests", json::array()}};
  for (int i = 0; i < 7; ++i)
    asked["requests"].push_back(
        {{"custom_id", std::to_string(i)}, {"params", json::parse(chat("1"))}});
  auto made = ask(s, asked.dump(), start, "/v1/messages/batches");
  CHECK(made.log.items == 7);
  CHECK(simulated::to_json(made.log).find("\"items\":7") != std::string::npos);
  CHECK(get(s, "/v1/messages/batches").log.items == 0);
}
