#include "tools.hpp"

// What a model thought before it called tools goes back to it with the results.
namespace assay::tests {

namespace {

/// The second message of a talk that goes on after this answer, as it is sent to a dialect.
ordered_json said_again(std::string_view dialect, const answer& said) {
  auto q = talk();
  q.messages = {{role::user, "?"}, {role::assistant, said.text, said.calls, {}, said.thinking}};
  for (const auto& call : said.calls) q.messages.push_back({role::tool, "x", {}, call.id});
  return ordered_json::parse(member(dialect, q, "messages"))[1];
}

}  // namespace

TEST_CASE("anthropic: thinking goes back before the calls, block by block and with its signature") {
  auto whole = play_at_every_cut("anthropic", json_of(R"({"content":[
      {"type":"thinking","thinking":"Look it \"up\".","signature":"c2ln+/="},
      {"signature":"eA==","thinking":"","type":"thinking"},
      {"type":"redacted_thinking","data":"aGlkZGVu"},
      {"type":"text","text":"So."},{"type":"tool_use","id":"a","name":"clock","input":{}}],
    "stop_reason":"tool_use","usage":{"input_tokens":9,"output_tokens":8}})"));
  auto streamed = play_at_every_cut(
      "anthropic",
      stream_of(anthropic_stream(
          named("content_block_start",
                R"(,"index":0,"content_block":{"type":"thinking","thinking":"","signature":""})") +
          named("content_block_delta",
                R"(,"index":0,"delta":{"type":"thinking_delta","thinking":"Look it "})") +
          named("content_block_start",
                R"(,"index":1,"content_block":{"type":"thinking","thinking":"","signature":""})") +
          named("content_block_delta",
                R"(,"index":0,"delta":{"type":"thinking_delta","thinking":"\"up\"."})") +
          named("content_block_delta",
                R"(,"index":1,"delta":{"type":"signature_delta","signature":"eA=="})") +
          named("content_block_delta",
                R"(,"index":0,"delta":{"type":"signature_delta","signature":"c2ln+/="})") +
          named("content_block_start",
                R"(,"index":2,"content_block":{"type":"redacted_thinking","data":"aGlkZGVu"})") +
          named("content_block_start",
                R"(,"index":3,"content_block":{"type":"text","text":"So."})") +
          named(
              "content_block_start",
              R"(,"index":4,"content_block":{"type":"tool_use","id":"a","name":"clock","input":{}})"))));
  for (const auto& r : {whole, streamed}) {
    check_calls(r, {{"a", "clock", "{}"}});
    CHECK(r.reply.reasoning == "Look it \"up\".");
    CHECK(said_again("anthropic", r.reply)["content"].dump() == sent(R"([
      {"type":"thinking","thinking":"Look it \"up\".","signature":"c2ln+/="},
      {"type":"thinking","thinking":"","signature":"eA=="},
      {"type":"redacted_thinking","data":"aGlkZGVu"},
      {"type":"text","text":"So."},
      {"type":"tool_use","id":"a","name":"clock","input":{}}])"));
  }
}

TEST_CASE(
    "deepseek: reasoning goes back with the calls; at other servers of the format it does not") {
  const auto body = openai_whole(R"({"content":"So.","reasoning_content":"I \"look\".",
      "tool_calls":[{"id":"a","function":{"name":"clock","arguments":"{}"}}]})");
  for (auto dialect : openai_family) {
    CAPTURE(dialect);
    auto r = play(dialect, json_of(body));
    CHECK(r.reply.reasoning == "I \"look\".");
    bool back = std::string_view(dialect) == "deepseek";
    CHECK(said_again(dialect, r.reply).contains("reasoning_content") == back);
    if (back) CHECK(said_again(dialect, r.reply)["reasoning_content"] == "I \"look\".");
  }
}

TEST_CASE("gemini: the signature of a call goes back with it") {
  auto read =
      play("gemini", json_of(gemini_answer(
                         R"({"functionCall":{"name":"f","args":{}},"thoughtSignature":"c2ln"},
                                    {"functionCall":{"name":"g","args":{}}},
                                    {"thoughtSignature":"Zg==","functionCall":{"name":"h"}})",
                         "STOP")));
  check_calls(read,
              {{"call_1.c2ln", "f", "{}"}, {"call_2", "g", "{}"}, {"call_3.Zg==", "h", "{}"}});
  auto q = talk();
  q.messages = {{role::user, "?"}, {role::assistant, "", read.reply.calls}};
  for (const auto& call : read.reply.calls) q.messages.push_back({role::tool, "x", {}, call.id});
  auto contents = ordered_json::parse(member("gemini", q, "contents"));
  CHECK(contents[1]["parts"].dump() ==
        sent(R"([{"functionCall":{"name":"f","args":{}},"thoughtSignature":"c2ln"},
                 {"functionCall":{"name":"g","args":{}}},
                 {"functionCall":{"name":"h","args":{}},"thoughtSignature":"Zg=="}])"));
  CHECK(contents[2]["parts"][2]["functionResponse"]["name"] == "h");
}

TEST_CASE(
    "thinking is kept only if tools were called, and left out of another dialect's requests") {
  auto plain = play("anthropic", json_of(R"({"content":[
      {"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"So."}],
    "stop_reason":"end_turn"})"));
  check_answered(plain);
  CHECK(plain.reply.reasoning == "t");
  CHECK(plain.reply.thinking.empty());
  CHECK(play("deepseek",
             json_of(openai_whole(R"({"content":"So.","reasoning_content":"t"})", "stop")))
            .reply.thinking.empty());

  answer claude, deepseek, broken;
  claude.calls = deepseek.calls = broken.calls = {{"a", "clock", "{}"}};
  claude.thinking = R"([{"type":"thinking","thinking":"t","signature":"s"}])";
  deepseek.thinking = R"({"reasoning_content":"t"})";
  broken.thinking = R"([{"type":)";
  CHECK(said_again("anthropic", claude)["content"].size() == 2);
  CHECK(said_again("anthropic", deepseek)["content"].size() == 1);
  CHECK(said_again("anthropic", broken)["content"].size() == 1);
  CHECK(said_again("deepseek", claude) == said_again("openai", claude));
  CHECK(said_again("deepseek", broken) == said_again("openai", broken));
}

}  // namespace assay::tests
