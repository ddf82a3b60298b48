#include "app/mock/server.hpp"

#include <doctest/doctest.h>
#include <httplib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/run/embedded_mocks.hpp"

using namespace assay;
using nlohmann::json;

namespace {

mock_settings lab() {
  mock_settings s;
  s.name = "lab";
  mock_model m;
  m.name = "m";
  m.first_token_ms = {0, 0};
  m.output_tokens = {1, 1};
  s.models.push_back(m);
  return s;
}

app::mock_server serve(mock_settings s, app::mock_server::options wanted = {}) {
  auto server = app::mock_server::start(std::move(s), {}, wanted);
  REQUIRE(server);
  return std::move(*server);
}

httplib::Client client_of(const app::mock_server& server) {
  httplib::Client client(server.url());
  client.set_tcp_nodelay(true);
  client.set_keep_alive(true);
  client.set_read_timeout(20);
  return client;
}

std::string body(bool stream, const std::string& prompt = "What is 1 + 2?") {
  return json{
      {"model", "m"}, {"stream", stream}, {"messages", {{{"role", "user"}, {"content", prompt}}}}}
      .dump();
}

constexpr auto chat = "/v1/chat/completions";
constexpr auto type = "application/json";

std::string temporary_file(const std::string& name) {
  auto path = std::filesystem::temp_directory_path() / (name + std::to_string(::getpid()));
  std::filesystem::remove(path);
  return path.string();
}

std::vector<json> lines_of(const std::string& path) {
  std::vector<json> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("a mock answers over HTTP, whole and streamed, on one connection") {
  auto server = serve(lab());
  auto client = client_of(server);
  for (int i = 0; i < 50; ++i) {
    const auto whole = client.Post(chat, body(false), type);
    REQUIRE(whole);
    CHECK(whole->status == 200);
    CHECK(json::parse(whole->body)["choices"][0]["message"]["content"] == "3");
    const auto stream = client.Post(chat, body(true), type);
    REQUIRE(stream);
    CHECK(stream->get_header_value("Content-Type") == "text/event-stream; charset=utf-8");
    CHECK(stream->body.ends_with("data: [DONE]\n\n"));
  }
  const auto models = client.Get("/v1/models");
  REQUIRE(models);
  CHECK(json::parse(models->body)["data"][0]["id"] == "m");
}

TEST_CASE("every arrival is a line of the truth log before its answer is read") {
  const auto path = temporary_file("truth");
  {
    auto server = serve(lab(), {.truth_file = path});
    auto client = client_of(server);
    REQUIRE(client.Post(chat, body(false), type));
    REQUIRE(lines_of(path).size() == 1);
    REQUIRE(client.Post(chat, "{", type));
    REQUIRE(client.Get("/nothing"));
  }
  const auto lines = lines_of(path);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["status"] == 200);
  CHECK(lines[0]["right"] == true);
  CHECK(lines[0]["mock"] == "lab");
  CHECK(lines[1]["status"] == 400);
  CHECK(lines[2]["status"] == 404);
  std::filesystem::remove(path);
}

TEST_CASE("whoever has read an answer to its end finds the slot free") {
  auto settings = lab();
  settings.limits.max_parallel = 1;
  auto server = serve(settings);
  auto client = client_of(server);
  for (int i = 0; i < 200; ++i) {
    const auto got = client.Post(chat, body(i % 2 == 0), type);
    REQUIRE(got);
    REQUIRE(got->status == 200);
  }
}

TEST_CASE("a slot is free again when the client goes away in the middle") {
  auto settings = lab();
  settings.limits.max_parallel = 1;
  settings.models[0].output_tokens = {100'000, 100'000};
  settings.models[0].tokens_per_second = 100;
  auto server = serve(settings);
  auto impatient = client_of(server);
  int pieces = 0;
  httplib::Request request;
  request.method = "POST";
  request.path = chat;
  request.body = body(true);
  request.content_receiver = [&](const char*, std::size_t, std::uint64_t, std::uint64_t) {
    return ++pieces < 3;
  };
  CHECK_FALSE(impatient.send(request));
  impatient.stop();
  auto client = client_of(server);
  int status = 429;
  for (int i = 0; i < 500 && status == 429; ++i) {
    if (i > 0) std::this_thread::sleep_for(milliseconds(10));
    const auto got = client.Post(
        chat, R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":"1 + 2"}]})",
        type);
    REQUIRE(got);
    status = got->status;
  }
  CHECK(status == 200);
}

TEST_CASE("close ends the connection without a byte, cut in the middle of the answer") {
  auto closing = lab();
  closing.faults.close = 1;
  auto server = serve(closing);
  auto client = client_of(server);
  const auto closed = client.Post(chat, body(true), type);
  CHECK_FALSE(closed);
  CHECK(closed.error() == httplib::Error::Read);

  auto cutting = lab();
  cutting.faults.cut = 1;
  cutting.models[0].output_tokens = {20, 20};
  auto cutter = serve(cutting);
  for (const bool stream : {true, false}) {
    std::string got;
    auto reader = client_of(cutter);
    httplib::Request request;
    request.method = "POST";
    request.path = chat;
    request.body = body(stream);
    request.content_receiver = [&](const char* p, std::size_t n, std::uint64_t, std::uint64_t) {
      got.append(p, n);
      return true;
    };
    CHECK_FALSE(reader.send(request));
    CHECK_FALSE(got.empty());
    CHECK(got.find("[DONE]") == std::string::npos);
  }
}

TEST_CASE(
    "hang and stall are silent until the client gives up, and the server stops all the same") {
  for (const auto fault : {&mock_faults::hang, &mock_faults::stall}) {
    auto settings = lab();
    settings.faults.*fault = 1;
    auto server = serve(settings);
    auto client = client_of(server);
    client.set_read_timeout(0, 200'000);
    CHECK_FALSE(client.Post(chat, body(true), type));
    auto waiting = std::async(std::launch::async, [&] {
      auto patient = client_of(server);
      patient.set_read_timeout(60);
      return static_cast<bool>(patient.Post(chat, body(true), type));
    });
    std::this_thread::sleep_for(milliseconds(100));
    server.stop();
    CHECK_FALSE(waiting.get());
  }
}

TEST_CASE("hundreds of streams run side by side") {
  auto settings = lab();
  settings.models[0].first_token_ms = {600, 600};
  auto server = serve(settings);
  std::vector<std::thread> clients;
  std::atomic<int> good = 0;
  for (int i = 0; i < 300; ++i)
    clients.emplace_back([&] {
      auto client = client_of(server);
      const auto got = client.Post(chat, body(true), type);
      if (got && got->body.ends_with("data: [DONE]\n\n")) ++good;
    });
  for (auto& c : clients) c.join();
  CHECK(good == 300);
}

TEST_CASE("beyond its connections a server keeps the rest waiting, and loses none") {
  auto server = serve(lab(), {.max_connections = 2});
  std::vector<std::thread> clients;
  std::atomic<int> good = 0;
  for (int i = 0; i < 20; ++i)
    clients.emplace_back([&] {
      httplib::Client client(server.url());  // closes after its request
      if (const auto got = client.Post(chat, body(false), type); got && got->status == 200) ++good;
    });
  for (auto& c : clients) c.join();
  CHECK(good == 20);
}

TEST_CASE("a port in use and a truth file that cannot be written are told, not ignored") {
  auto server = serve(lab());
  const int port = std::stoi(server.url().substr(server.url().rfind(':') + 1));
  const auto second = app::mock_server::start(lab(), {}, {.port = port});
  REQUIRE_FALSE(second);
  CHECK(second.error().where == "127.0.0.1:" + std::to_string(port));
  CHECK(second.error().what == "cannot listen there");
  const auto third = app::mock_server::start(lab(), {}, {.truth_file = "/nonexistent/truth.jsonl"});
  REQUIRE_FALSE(third);
  CHECK(third.error().where == "/nonexistent/truth.jsonl");
}

TEST_CASE("requests that are no good HTTP are refused, and the server lives on") {
  auto server = serve(lab());
  auto client = client_of(server);
  const auto chunked = client.Post(
      chat,
      [](std::size_t, httplib::DataSink& sink) {
        sink.done();
        return true;
      },
      type);
  REQUIRE(chunked);
  CHECK(chunked->status == 411);
  for (const auto& length : {"-1", "x", "99999999999999999999999", "1e3"}) {
    auto raw = client_of(server);
    const auto got = raw.Post(chat, {{"Content-Length", length}}, "", type);
    if (got) CHECK(got->status == 400);
  }
  auto fresh = client_of(server);
  const auto got = fresh.Post(chat, body(false), type);
  REQUIRE(got);
  CHECK(got->status == 200);
}

TEST_CASE("every mock that an experiment may use is started, one that only is a fallback too") {
  settings all;
  for (const auto* name : {"first", "fallback", "unused"}) {
    auto mock = lab();
    mock.name = name;
    all.mocks.push_back(mock);
    provider_settings p;
    p.name = name;
    p.base_url = std::string("mock:") + name;
    all.providers.push_back(p);
  }
  all.models = {{.name = "m", .providers = {"first"}, .fallback = {"fallback"}}};
  experiment_settings e;
  e.models = {"m"};
  all.experiments = {e};
  auto mocks = app::start_embedded_mocks(all);
  REQUIRE(mocks);
  CHECK(mocks->servers.size() == 2);
  CHECK(find_named(mocks->config.providers, "fallback")->base_url.starts_with("http://127.0.0.1"));
  CHECK(find_named(mocks->config.providers, "unused")->base_url == "mock:unused");
}

TEST_CASE("a server that is stopped is gone, and stopping twice is fine") {
  auto server = serve(lab());
  auto client = client_of(server);
  REQUIRE(client.Get("/v1/models"));
  server.stop();
  server.stop();
  CHECK_FALSE(client.Get("/v1/models"));
}
