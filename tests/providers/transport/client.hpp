#pragma once

#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "providers/transport/http_engine.hpp"

namespace assay::tests {

/// What a reader was given.
struct seen {
  int heads = 0;
  int finishes = 0;
  int status = 0;
  header_list headers;
  std::string body;
  instant head_at{};
  std::vector<instant> pieces_at;
  bool called_after_finish = false;
};

/// An answer_reader that writes down everything and passes errors on as they are.
class recording_reader final : public dialects::answer_reader {
 public:
  const std::vector<rate_header>& limits() const override { return none_; }
  explicit recording_reader(std::shared_ptr<seen> into, std::size_t largest = 1 << 26)
      : seen_(std::move(into)), largest_(largest) {}

  void head(int status, const header_list& headers, instant now) override {
    ++seen_->heads;
    seen_->status = status;
    seen_->headers = headers;
    seen_->head_at = now;
    seen_->called_after_finish |= seen_->finishes > 0;
  }
  bool body(std::string_view bytes, instant now) override {
    seen_->body += bytes;
    seen_->pieces_at.push_back(now);
    seen_->called_after_finish |= seen_->finishes > 0;
    return seen_->body.size() <= largest_;
  }
  exchange_result finish(const api_error& error, instant now) override {
    ++seen_->finishes;
    exchange_result result;
    result.tried.http_status = seen_->status;
    result.tried.error = error;
    result.tried.at.first_byte = seen_->head_at;
    result.tried.at.done = now;
    result.reply.text = seen_->body;
    return result;
  }

 private:
  std::vector<rate_header> none_;
  std::shared_ptr<seen> seen_;
  std::size_t largest_;
};

/// An exchange under way in a test: what its reader saw, and its end.
struct pending {
  std::shared_ptr<seen> reader = std::make_shared<seen>();
  std::shared_ptr<std::promise<exchange_result>> ended =
      std::make_shared<std::promise<exchange_result>>();
  std::shared_ptr<std::atomic<int>> dones = std::make_shared<std::atomic<int>>(0);
  std::future<exchange_result> end = ended->get_future();
  std::uint64_t id = 0;

  /// The result; fails the test instead of waiting for ever.
  exchange_result result() {
    REQUIRE_MESSAGE(end.wait_for(std::chrono::seconds(30)) == std::future_status::ready,
                    "the exchange did not end");
    return end.get();
  }
};

/// A POST with a small body and generous time-outs.
inline transport::exchange ask(std::string url, std::string body = "{\"q\":1}") {
  transport::exchange one;
  one.request.url = std::move(url);
  one.request.headers = {{"Content-Type", "application/json"}};
  one.request.body = std::move(body);
  one.limits = {.connect = milliseconds(20'000),
                .first_byte = milliseconds(20'000),
                .idle = milliseconds(20'000),
                .total = milliseconds(25'000)};
  return one;
}

/// Starts `one` with a recording reader.
inline pending start(transport::http_engine& engine, transport::exchange one,
                     std::size_t largest = 1 << 26) {
  pending under_way;
  one.reader = std::make_unique<recording_reader>(under_way.reader, largest);
  one.done = [ended = under_way.ended, dones = under_way.dones](exchange_result got) {
    if (dones->fetch_add(1) == 0) ended->set_value(std::move(got));
  };
  under_way.id = engine.start(std::move(one));
  return under_way;
}

/// Runs `one` to its end.
inline exchange_result run(transport::http_engine& engine, transport::exchange one) {
  return start(engine, std::move(one)).result();
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace assay::tests
