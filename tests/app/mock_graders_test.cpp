#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <variant>

#include "evaluation/graders/model_judge.hpp"
#include "providers/simulated/service.hpp"

// What the simulated judges say, as the judges that ask models read it.

using namespace assay;

namespace {

using nlohmann::json;

constexpr int count = 60;

std::vector<sample> questions() {
  std::vector<sample> all;
  for (int i = 0; i < count; ++i) {
    sample s;
    s.id = "q" + std::to_string(i);
    s.input = "How much is item no. " + std::to_string(i) + " worth?";
    s.targets = {std::to_string(1000 + i)};
    all.push_back(std::move(s));
  }
  return all;
}

/// A panel of one model that plays `part`.
class bench {
 public:
  bench(const std::string& part, double accuracy)
      : samples_(questions()), service_(mock_of(part, accuracy), samples_) {
    model_settings model;
    model.name = "grader";
    all_.models.push_back(std::move(model));
  }

  evaluation::procedure_end judge(const std::string& type, std::size_t i, const std::string& text) {
    judge_settings judge;
    judge.name = judge.type = type;
    judge.grader.models = {"grader"};
    if (type == "rubric") judge.grader.rubric = {{"It is right.", 1}, {"It is a number.", 1}};
    auto made = evaluation::make_model_judge(all_, judge);
    REQUIRE(made);
    record r;
    r.asked.item = samples_[i];
    r.got.reply.text = text;
    auto procedure = (*made)->make(r);
    for (auto open = procedure->begin(); !open.empty();) {
      evaluation::call_result result;
      result.label = open.back().label;
      result.reply.text = reply_to(open.back().request);
      open.pop_back();
      for (auto& next : procedure->take(result)) open.push_back(std::move(next));
    }
    return procedure->end();
  }

  /// Answers whose grade is right, wrong and missing, of which half are right and half wrong.
  struct tally {
    int right = 0, wrong = 0, unscored = 0;
  };

  tally judge_all(const std::string& type) {
    tally t;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const bool good = i % 2 == 0;
      auto text = "Let us see.\n#### " + (good ? samples_[i].targets[0] : std::string("7"));
      auto v = std::get<verdict>(judge(type, i, text));
      // Against the target, a right answer is as good as it.
      const auto best = type == "scale" ? 8.0 / 9 : type == "pairwise" ? 0.5 : 1;
      const auto worst = type == "scale" ? 1.0 / 9 : 0;
      if (!v.scored)
        ++t.unscored;
      else
        ++(v.score == doctest::Approx(good ? best : worst) ? t.right : t.wrong);
    }
    return t;
  }

 private:
  static mock_settings mock_of(const std::string& part, double accuracy) {
    mock_model model;
    model.name = "grader";
    model.plays = part;
    model.accuracy = accuracy;
    mock_settings mock;
    mock.models.push_back(std::move(model));
    return mock;
  }

  std::string reply_to(const chat_request& request) {
    json messages = json::array();
    for (const auto& m : request.messages)
      messages.push_back(
          {{"role", m.who == role::system ? "system" : "user"}, {"content", m.content}});
    const json body = {{"model", "grader"}, {"messages", std::move(messages)}};
    auto handled = service_.handle("POST", "/v1/chat/completions", {}, body.dump(),
                                   instant{std::chrono::hours(1)});
    std::string bytes;
    for (const auto& piece : handled.what.pieces) bytes += piece.bytes;
    if (handled.holds_slot) service_.release();
    return json::parse(bytes)["choices"][0]["message"]["content"];
  }

  settings all_;
  std::vector<sample> samples_;
  simulated::service service_;
};

constexpr const char* types[] = {
    "model_graded_qa", "model_graded_fact", "closed_qa", "pairwise", "scale", "rubric"};

}  // namespace

TEST_CASE("a simulated judge that never errs grades every answer rightly, in every form") {
  for (auto part : {"judge", "verbose_judge"})
    for (auto type : types) {
      CAPTURE(part);
      CAPTURE(type);
      CHECK(bench(part, 1).judge_all(type).right == count);
    }
}

TEST_CASE("a simulated judge errs as often as it is told") {
  auto t = bench("judge", 0.7).judge_all("model_graded_qa");
  CHECK(t.unscored == 0);
  CHECK(t.right > count * 0.5);
  CHECK(t.right < count * 0.9);
}

TEST_CASE("a lazy judge grades some answers after being asked again, and leaves others unscored") {
  auto t = bench("lazy_judge", 1).judge_all("model_graded_qa");
  CHECK(t.wrong == 0);
  CHECK(t.right > count / 3);
  CHECK(t.unscored > 0);
}

TEST_CASE("a hostile judge is never right, and cannot make its broken forms count") {
  for (auto type : types) {
    CAPTURE(type);
    auto t = bench("hostile_judge", 1).judge_all(type);
    // Whoever always says A has pairs judged as ties, which half of these are.
    CHECK(t.right <= (type == std::string("pairwise") ? count / 2 : 0));
    CHECK(t.wrong > 0);
  }
}
