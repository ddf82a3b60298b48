// Calls of an extraction that fail or are declined, and those for vectors.

#include "tests/evaluation/extraction_desk.hpp"

using namespace assay;
using namespace assay::tests;

// -- when the API does not answer -----------------------------------------------------------------

TEST_CASE("when a call fails, fields with a pattern are filled by it and the rest is missing") {
  office desk(3);
  desk.what.fields[0].pattern = "value \\d";
  desk.what.fields[1].pattern = "worth \\d";
  auto done = run(desk.fill(), [](const wanted_call& call) { return failure_of(call); });
  CHECK(done.calls.size() == 1);
  CHECK(done.got.status == outcome_status::error);
  CHECK(done.got.error.kind == error_class::server_error);
  CHECK(done.result["fields"]["field1"] ==
        json{{"value", "value 1"},
             {"source", {{"document", "d1.txt"}, {"lines", "1"}, {"passage", 1}}},
             {"how", "fallback"},
             {"verbatim", true},
             {"asks", 1},
             {"reason", "the call failed: server_error, HTTP 500"}});
  CHECK(missing_of(done, "field2")["reason"] ==
        "the call failed: server_error, HTTP 500; the pattern finds nothing");
  CHECK(missing_of(done, "field3")["reason"] == "the call failed: server_error, HTTP 500");
  CHECK(done.result["asked"][0]["status"] == "error");
}

TEST_CASE("a fallback looks first where the search finds the field") {
  office desk(1);
  desk.what.fields[0].pattern = "value \\d";
  desk.documents.documents = {{"a", "some value 7"}, {"b", "field1 is value 8"}};
  auto done = run(desk.fill(), [](const wanted_call& call) { return failure_of(call); });
  CHECK(done.result["fields"]["field1"]["value"] == "value 8");
}

TEST_CASE("one failed call among several leaves the others' fields alone, and is an error") {
  office desk(24);
  auto done = run(desk.fill(), world([](const wanted_call& call) {
                    return call.label == "round 1 call 2" ? failure_of(call) : answer_to(call);
                  }));
  CHECK(done.calls.size() == 2);
  CHECK(done.got.status == outcome_status::error);
  CHECK(done.result["fields"].size() == 12);
  CHECK(done.result["missing"].size() == 12);
}

TEST_CASE("a declined call is asked again; if nothing comes of it, the outcome is of that kind") {
  office desk(1);
  auto refuse = [](const wanted_call& call) {
    call_result result;
    result.label = call.label;
    result.status = outcome_status::refused;
    return result;
  };
  auto done = run(desk.fill(), world(refuse));
  CHECK(done.calls.size() == 2);
  CHECK(done.got.status == outcome_status::refused);
  CHECK(missing_of(done, "field1")["reason"] == "the call was refused");
  auto second = run(desk.fill(), world([&](const wanted_call& call) {
                      return call.label.starts_with("round 1") ? refuse(call) : answer_to(call);
                    }));
  CHECK(second.got.status == outcome_status::answered);
  CHECK(second.result["fields"].size() == 1);
}

// -- vectors --------------------------------------------------------------------------------------

TEST_CASE("with an embedding model, queries and passages become vectors before the first round") {
  office desk(2);
  desk.how.embedding_model = "e";
  desk.how.passages_per_field = 1;
  desk.what.fields = {field("turnover")};
  desk.documents.documents = {{"a", "weather"}, {"b", "sales"}};
  auto steps = desk.fill();
  auto calls = steps->begin();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].label == "vectors 1");
  CHECK(calls[0].model == "e");
  CHECK(calls[0].request.to == endpoint::embeddings);
  REQUIRE(calls[0].request.messages.size() == 3);
  CHECK(calls[0].request.messages[0].content == "turnover");
  CHECK(calls[0].request.messages[2].content == "sales");
  call_result vectors;
  vectors.label = calls[0].label;
  vectors.reply.text = embedding_text({{1, 0}, {0, 1}, {1, 0.5F}});
  vectors.reply.usage.input = 7;
  auto round = steps->take(vectors);
  REQUIRE(round.size() == 1);
  CHECK(round[0].request.messages.back().content.find("\nsales\n") != std::string::npos);
  CHECK(round[0].request.messages.back().content.find("\nweather\n") == std::string::npos);
  steps->take(answer_to(round[0], [](const wanted_call&, const json&) {
    return json{{"value", "sales"}, {"passage", 1}};
  }));
  auto got = std::get<outcome>(steps->end());
  CHECK(got.reply.usage.input == 107);
  auto result = json::parse(got.reply.text);
  CHECK(result["ranking"] == "words and vectors");
  CHECK_FALSE(result.contains("without_vectors"));
  CHECK(result["embedding_calls"] == 1);
  CHECK(result["calls"] == 1);
}

TEST_CASE("many texts are made vectors in several calls at the same time") {
  office desk(40);
  desk.how.embedding_model = "e";
  auto steps = desk.fill();
  auto calls = steps->begin();
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].request.messages.size() == 64);
  CHECK(calls[1].request.messages.size() == 16);
  auto vectors_of = [](const wanted_call& call) {
    call_result result;
    result.label = call.label;
    std::vector<std::vector<float>> vectors(call.request.messages.size(), {1, 0});
    result.reply.text = embedding_text(vectors);
    return result;
  };
  CHECK(steps->take(vectors_of(calls[1])).empty());
  CHECK(steps->take(vectors_of(calls[0])).size() == 4);
}

TEST_CASE("vectors belong to the texts of their call, also of the tenth") {
  office desk(0);
  desk.how.embedding_model = "e";
  desk.how.passages_per_field = 1;
  desk.what.fields = {field("turnover")};
  for (int i = 0; i < 660; ++i) {
    auto number = std::to_string(i);
    desk.documents.documents.push_back({number, i == 600 ? "sales" : "weather " + number});
  }
  auto steps = desk.fill();
  std::vector<wanted_call> round;
  for (const auto& call : steps->begin()) {
    std::vector<std::vector<float>> all;
    for (const auto& m : call.request.messages)
      all.push_back(m.content == "turnover" || m.content == "sales" ? std::vector<float>{1, 0}
                                                                    : std::vector<float>{0, 1});
    call_result result;
    result.label = call.label;
    result.reply.text = embedding_text(all);
    round = steps->take(result);
  }
  REQUIRE(round.size() == 1);
  CHECK(passage_with(round[0], "sales") == 1);
}

TEST_CASE("if a call for vectors fails, words rank alone, which the result says: it is an answer") {
  office desk(100);
  desk.how.embedding_model = "e";
  auto unlucky = [](const wanted_call& call) {
    if (call.request.to != endpoint::embeddings) return answer_to(call);
    if (call.label != "vectors 2") return failure_of(call, call.label);
    call_result result;
    result.label = call.label;
    result.reply.text = embedding_text(
        std::vector<std::vector<float>>(call.request.messages.size(), std::vector<float>{1, 0}));
    return result;
  };
  auto done = run(desk.fill(), world(unlucky));
  CHECK(done.result["fields"].size() == 100);
  CHECK(done.result["ranking"] == "words");
  CHECK(done.result["without_vectors"] == "the call failed: server_error, vectors 1");
  CHECK(done.got.status == outcome_status::answered);
  auto all_fail = [](const wanted_call& call) { return failure_of(call); };
  CHECK(run(desk.fill(), world(all_fail)).got.status == outcome_status::error);
}

TEST_CASE("vectors that are not one for each text are none") {
  office desk(2);
  desk.how.embedding_model = "e";
  auto too_few = [](const wanted_call& call) {
    if (call.request.to != endpoint::embeddings) return answer_to(call);
    call_result result;
    result.label = call.label;
    result.reply.text = embedding_text({{1, 0}});
    return result;
  };
  auto done = run(desk.fill(), world(too_few));
  CHECK(done.result["ranking"] == "words");
  CHECK(done.result["without_vectors"] == "the answer is not a vector for each text");
}
