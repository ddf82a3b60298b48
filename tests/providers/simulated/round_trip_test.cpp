#include <doctest/doctest.h>

#include "messages/embedding_text.hpp"
#include "providers/dialects/dialect.hpp"
#include "providers/simulated/embedding.hpp"
#include "providers/simulated/play.hpp"
#include "providers/simulated/playback.hpp"
#include "providers/simulated/route.hpp"

// A dialect writes what the simulated provider reads, and reads what it writes.

using namespace assay;

namespace {

provider_settings provider() {
  provider_settings p;
  p.name = "p";
  p.base_url = "http://h";
  return p;
}

simulated::route route_of(const http_request& r) {
  return simulated::find_route(r.method, r.url.substr(std::string("http://h").size()), r.headers);
}

simulated::call arrived(std::string_view dialect, const chat_request& q) {
  auto sent = dialects::find(dialect)->request(q, provider(), "k");
  REQUIRE_MESSAGE(sent.has_value(), render(sent.error()));
  auto read = route_of(*sent).format->read(sent->body);
  REQUIRE_MESSAGE(read.has_value(), read.error().message);
  return *read;
}

answer returned(std::string_view dialect, const chat_request& q, const simulated::completion& c) {
  const auto route = route_of(*dialects::find(dialect)->request(q, provider(), "k"));
  const simulated::tempo pace{milliseconds(10), 100};
  const auto what =
      q.stream ? simulated::play_stream(*route.format, c, pace, simulated::fault::none)
               : simulated::play_whole(*route.format, c, pace, simulated::fault::none, false);
  auto reader = dialects::find(dialect)->reader(q);
  auto done = simulated::play(what, *reader, timeouts{}, instant{} + milliseconds(1)).result;
  CHECK(done.tried.error.message == "");
  return done.reply;
}

chat_request question() {
  chat_request q;
  q.model = "m";
  q.messages = {{role::system, "Use the tools."}, {role::user, "How warm is it?"}};
  q.tools = {
      {"weather", "Degrees.", R"({"properties":{"city":{"type":"string"}},"type":"object"})"},
      {"clock", "The time.", R"({"properties":{},"type":"object"})"}};
  return q;
}

simulated::completion wish(std::string text) {
  simulated::completion c;
  c.id = "1f";
  c.model = "m";
  c.text = std::move(text);
  c.calls = {{"1f1", "weather", R"({"city":"\"Kyiv\" ü","days":[1,2]})"},
             {"1f2", "clock", "{}"},
             {"1f3", "weather", R"({"city":"Bonn"})"}};
  c.output_tokens = 20;
  c.include_usage = true;
  return c;
}

/// The messages with calls and results by number, since each format has ids of its own.
std::vector<chat_message> numbered_alike(std::vector<chat_message> messages) {
  std::vector<std::pair<std::string, std::string>> numbers;
  for (auto& m : messages) {
    for (auto& call : m.calls) {
      numbers.emplace_back(call.id, std::to_string(numbers.size()));
      call.id = numbers.back().second;
    }
    for (const auto& [id, number] : numbers)
      if (m.who == role::tool && m.answers == id) {
        m.answers = number;
        break;
      }
  }
  return messages;
}

}  // namespace

TEST_CASE(
    "texts go to the simulated provider and come back as vectors, where there is an endpoint") {
  mock_settings settings;
  settings.name = "lab";
  settings.models.push_back({.name = "m"});
  for (auto dialect : dialects::names()) {
    CAPTURE(dialect);
    simulated::service lab(settings, {});
    chat_request q;
    q.model = "m";
    q.to = endpoint::embeddings;
    q.messages = {{role::user, "Two cats sat."}, {role::user, "ü \"x\"\n"}, {role::user, ""}};
    const auto sent = dialects::find(dialect)->request(q, provider(), "k");
    CHECK(sent.has_value() == (dialect != "anthropic" && dialect != "deepseek"));
    if (!sent) continue;
    const auto handled = lab.handle(sent->method, sent->url.substr(8), sent->headers, sent->body,
                                    instant{} + milliseconds(1));
    auto reader = dialects::find(dialect)->reader(q);
    const auto read =
        simulated::play(handled.what, *reader, timeouts{}, instant{} + milliseconds(1));
    CHECK(read.result.tried.error.message == "");
    std::vector<std::vector<float>> expected;
    for (const auto& m : q.messages)
      expected.push_back(simulated::embed(m.content, "m", simulated::usual_dimensions));
    CHECK(read_embeddings(read.result.reply.text).value() == expected);
  }
}

TEST_CASE("tool calls and their results go to the simulated provider and back, in every dialect") {
  for (auto dialect : dialects::names())
    for (bool stream : {false, true})
      for (const auto* text : {"", "I look it up."}) {
        CAPTURE(dialect);
        CAPTURE(stream);
        auto q = question();
        q.stream = stream;
        const auto first = arrived(dialect, q);
        CHECK(first.messages == q.messages);
        CHECK(first.tools == q.tools);
        const auto said = wish(text);
        const auto read = returned(dialect, q, said);
        CHECK(read.text == text);
        CHECK(read.why == finish::tool_calls);
        REQUIRE(read.calls.size() == said.calls.size());
        q.messages.push_back({role::assistant, read.text, read.calls});
        for (std::size_t i = 0; i < read.calls.size(); ++i) {
          CHECK(read.calls[i].name == said.calls[i].name);
          CHECK(read.calls[i].arguments == said.calls[i].arguments);
          q.messages.push_back({role::tool, "result " + std::to_string(i), {}, read.calls[i].id});
        }
        CHECK(numbered_alike(arrived(dialect, q).messages) == numbered_alike(q.messages));
      }
}
