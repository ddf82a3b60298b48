#include "bench/evaluate/api.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace assay::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr long wrong_every = 10;

/// Admits as a provider does, from what arrives and when.
class bucket {
 public:
  bucket(double rate, double burst) : rate_(rate), burst_(burst), level_(burst) {}

  bool admit() {
    if (rate_ <= 0) return true;
    auto now = clock::now();
    level_ = std::min(burst_, level_ + rate_ * std::chrono::duration<double>(now - last_).count());
    last_ = now;
    if (level_ < 1) return false;
    level_ -= 1;
    return true;
  }

 private:
  double rate_, burst_, level_;
  clock::time_point last_ = clock::now();
};

/// The answer to "Add A and B": the sum, or one more.
std::string answer_to(std::string_view body) {
  auto at = body.find("Add ");
  if (at == std::string_view::npos) return "none";
  std::string numbers(body.substr(at + 4, 40));
  char* rest = nullptr;
  auto a = std::strtol(numbers.c_str(), &rest, 10);
  auto b = std::strtol(rest + sizeof " and", nullptr, 10);
  return std::to_string(a + b + (a % wrong_every == 0 ? 1 : 0));
}

std::string event(const std::string& delta, const char* finish_reason) {
  return R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,)"
         R"("model":"bench-1","choices":[{"index":0,"delta":{)" +
         delta + R"(},"logprobs":null,"finish_reason":)" + finish_reason + "}]}\n\n";
}

constexpr auto usage = R"("usage":{"prompt_tokens":90,"completion_tokens":20,"total_tokens":110}})";

server_answer streamed(const std::string& sum, int words) {
  server_answer answer;
  auto& out = answer.pieces;
  out.push_back(event(R"("role":"assistant","content":"")", "null"));
  for (int i = 1; i < words; ++i) out.push_back(event(R"("content":" so")", "null"));
  out.push_back(event(R"("content":" )" + sum + '"', "null"));
  out.push_back(event("", R"("stop")"));
  out.push_back(
      std::string(
          R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","choices":[],)") +
      usage + "\n\n");
  out.push_back("data: [DONE]\n\n");
  return answer;
}

server_answer whole(const std::string& sum, int words) {
  std::string text;
  for (int i = 1; i < words; ++i) text += " so";
  return {200,
          {R"({"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,)"
           R"("model":"bench-1","choices":[{"index":0,"message":{"role":"assistant","content":")" +
           text + ' ' + sum + R"("},"logprobs":null,"finish_reason":"stop"}],)" + usage}};
}

}  // namespace

std::function<server_answer(std::string_view)> simulated_api(api_manner manner) {
  return [manner, limit = bucket(manner.qps, manner.burst)](std::string_view body) mutable {
    if (!limit.admit())
      return server_answer{
          429,
          {R"({"error":{"message":"too fast","type":"requests","code":"rate_limit_exceeded"}})"}};
    auto sum = answer_to(body);
    auto stream = body.find(R"("stream":true)") != std::string_view::npos;
    return stream ? streamed(sum, manner.words) : whole(sum, manner.words);
  };
}

double expected_score(int samples) {
  auto wrong = (samples + wrong_every - 1) / wrong_every;
  return 1.0 - static_cast<double>(wrong) / samples;
}

}  // namespace assay::bench
