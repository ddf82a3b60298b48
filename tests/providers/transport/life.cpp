#include <set>

#include "tests/providers/transport/client.hpp"
#include "tests/providers/transport/scripted_server.hpp"

using namespace assay;
using namespace assay::tests;
using transport::http_engine;

namespace {

void hold(connection& client) {
  client.read_request();
  client.hang();
}

void echo(connection& client) {
  for (std::string one; !(one = client.read_request()).empty();)
    client.answer(one.substr(one.find("\r\n\r\n") + 4));
}

}  // namespace

TEST_CASE("a cancelled exchange ends as cancelled, once") {
  std::promise<void> arrived;
  scripted_server server([&](connection& client) {
    client.read_request();
    arrived.set_value();
    client.hang();
  });
  http_engine engine({2});
  auto got = start(engine, ask(server.url()));
  arrived.get_future().wait();
  engine.cancel(got.id);
  auto result = got.result();
  CHECK(result.tried.error.kind == error_class::cancelled);
  CHECK(result.tried.at.sent != instant{});
  CHECK(got.reader->finishes == 1);
  engine.cancel(got.id);
  engine.cancel(0);
  engine.cancel(~0ull);
  CHECK(*got.dones == 1);
}

TEST_CASE("cancelling what has just been started, or has ended, does no harm") {
  scripted_server server(echo);
  http_engine engine({2});
  for (int i = 0; i < 50; ++i) {
    auto got = start(engine, ask(server.url()));
    engine.cancel(got.id);
    auto kind = got.result().tried.error.kind;
    CHECK((kind == error_class::cancelled || kind == error_class::none));
  }
  auto ended = start(engine, ask(server.url()));
  CHECK(ended.result().tried.error.kind == error_class::none);
  engine.cancel(ended.id);
  CHECK(run(engine, ask(server.url())).tried.error.kind == error_class::none);
}

TEST_CASE("destruction ends what is under way as cancelled, each once") {
  scripted_server server(hold);
  std::vector<pending> all;
  {
    http_engine engine({2});
    for (int i = 0; i < 100; ++i) all.push_back(start(engine, ask(server.url())));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // some connected, some not yet
  }
  for (auto& one : all) {
    CHECK(one.result().tried.error.kind == error_class::cancelled);
    CHECK(*one.dones == 1);
    CHECK(one.reader->finishes == 1);
    CHECK_FALSE(one.reader->called_after_finish);
  }
}

TEST_CASE("an exchange that a `done` starts while the engine goes down still ends") {
  scripted_server server(hold);
  std::atomic<int> ends{0};
  {
    http_engine engine({2});
    for (int i = 0; i < 20; ++i) {
      auto one = ask(server.url());
      one.reader = std::make_unique<recording_reader>(std::make_shared<seen>());
      one.done = [&](exchange_result) {
        ++ends;
        auto another = ask(server.url());
        another.reader = std::make_unique<recording_reader>(std::make_shared<seen>());
        another.done = [&](exchange_result got) {
          CHECK(got.tried.error.kind == error_class::cancelled);
          ++ends;
        };
        engine.start(std::move(another));
      };
      engine.start(std::move(one));
    }
  }
  CHECK(ends == 40);
}

TEST_CASE("a `done` may start the next exchange") {
  scripted_server server(echo);
  http_engine engine({1});
  std::promise<void> all;
  std::vector<std::string> texts;
  std::function<void(int)> ask_next = [&](int i) {
    auto one = ask(server.url(), std::to_string(i));
    one.reader = std::make_unique<recording_reader>(std::make_shared<seen>());
    one.done = [&, i](exchange_result got) {
      texts.push_back(got.reply.text);
      i < 20 ? ask_next(i + 1) : all.set_value();
    };
    engine.start(std::move(one));
  };
  ask_next(1);
  all.get_future().wait();
  REQUIRE(texts.size() == 20);
  CHECK(texts.front() == "1");
  CHECK(texts.back() == "20");
  CHECK(server.connections() == 1);
}

TEST_CASE("200 exchanges at a time get each their own answer") {
  std::atomic<int> waiting{0};
  scripted_server server([&](connection& client) {
    auto request = client.read_request();
    ++waiting;
    while (waiting < 200) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    client.answer(request.substr(request.find("\r\n\r\n") + 4));
  });
  http_engine engine({2});
  std::vector<pending> all;
  for (int i = 0; i < 200; ++i) all.push_back(start(engine, ask(server.url(), std::to_string(i))));
  for (int i = 0; i < 200; ++i) CHECK(all[i].result().reply.text == std::to_string(i));
  CHECK(server.connections() == 200);
}

TEST_CASE("exchanges are spread over the loops, one at a time stays on one") {
  scripted_server server(echo);
  http_engine engine({2});
  std::set<std::thread::id> threads;
  std::mutex mutex;
  auto start_one = [&](std::promise<void>& end) {
    auto one = ask(server.url());
    one.reader = std::make_unique<recording_reader>(std::make_shared<seen>());
    one.done = [&](exchange_result) {
      {
        std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
      }
      end.set_value();
    };
    engine.start(std::move(one));
  };
  for (int i = 0; i < 5; ++i) {
    std::promise<void> end;
    start_one(end);
    end.get_future().wait();
  }
  CHECK(threads.size() == 1);
  std::vector<std::promise<void>> ends(20);
  for (auto& end : ends) start_one(end);
  for (auto& end : ends) end.get_future().wait();
  CHECK(threads.size() == 2);
  CHECK_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST_CASE("many threads may start and cancel at the same time") {
  scripted_server server(echo);
  http_engine engine({2});
  std::atomic<int> ended{0};
  std::vector<std::thread> users;
  for (int t = 0; t < 4; ++t)
    users.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        auto one = ask(server.url());
        one.reader = std::make_unique<recording_reader>(std::make_shared<seen>());
        one.done = [&](exchange_result) { ++ended; };
        auto id = engine.start(std::move(one));
        if ((i + t) % 3 == 0) engine.cancel(id);
      }
    });
  for (auto& one : users) one.join();
  for (int i = 0; i < 3000 && ended < 200; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(ended == 200);
}
