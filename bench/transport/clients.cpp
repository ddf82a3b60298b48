#include "bench/transport/clients.hpp"

#include <httplib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "providers/transport/http_engine.hpp"

namespace assay::bench {

namespace {

using clock = std::chrono::steady_clock;

const std::string& request_body() {
  static const std::string body =
      R"({"model":"m","stream":false,"messages":[{"role":"user","content":")" +
      std::string(600, 'q') + R"("}]})";
  return body;
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto of = [](const timeval& t) { return static_cast<double>(t.tv_sec) + t.tv_usec * 1e-6; };
  return of(used.ru_utime) + of(used.ru_stime);
}

double peak_mb() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

/// Latencies of all exchanges; the place is handed out by number, so no lock is needed.
class book {
 public:
  explicit book(int exchanges) : latency_(exchanges) {}

  void note(int number, clock::duration latency, bool good) {
    latency_[number] = std::chrono::duration<double, std::milli>(latency).count();
    if (!good) errors_.fetch_add(1, std::memory_order_relaxed);
  }

  figures close(double seconds, double cpu) {
    std::sort(latency_.begin(), latency_.end());
    auto at = [&](double q) {
      return latency_[static_cast<std::size_t>(q * (latency_.size() - 1))];
    };
    return {seconds,   cpu * 1000 / static_cast<double>(latency_.size()),
            at(0.5),   at(0.99),
            peak_mb(), errors_.load()};
  }

 private:
  std::vector<double> latency_;
  std::atomic<int> errors_{0};
};

/// Takes everything, keeps nothing: the cost of parsing is not the transport's.
class swallowing_reader final : public dialects::answer_reader {
 public:
  const std::vector<rate_header>& limits() const override { return none_; }
  void head(int status, const header_list&, instant) override { status_ = status; }
  bool body(std::string_view, instant) override { return true; }
  exchange_result finish(const api_error& error, instant) override {
    exchange_result result;
    result.tried.http_status = status_;
    result.tried.error = error;
    return result;
  }

 private:
  std::vector<rate_header> none_;
  int status_ = 0;
};

/// Keeps `connections` exchanges under way until all are done.
class driver {
 public:
  explicit driver(const load& work) : work_(work), engine_({work.loops}), book_(work.exchanges) {}

  figures run() {
    auto cpu = cpu_seconds();
    auto start = clock::now();
    for (int i = 0; i < std::min(work_.connections, work_.exchanges); ++i) next();
    all_done_.get_future().wait();
    std::chrono::duration<double> took = clock::now() - start;
    return book_.close(took.count(), cpu_seconds() - cpu);
  }

 private:
  void next() {
    int number = started_.fetch_add(1);
    if (number >= work_.exchanges) return;
    transport::exchange one;
    one.request.url = work_.url;
    one.request.headers = {{"Content-Type", "application/json"},
                           {"Authorization", "Bearer test-key"}};
    one.request.body = request_body();
    one.reader = std::make_unique<swallowing_reader>();
    one.done = [this, number, start = clock::now()](exchange_result got) {
      bool good = got.tried.error.kind == error_class::none && got.tried.http_status == 200;
      book_.note(number, clock::now() - start, good);
      next();
      if (done_.fetch_add(1) + 1 == work_.exchanges) all_done_.set_value();
    };
    engine_.start(std::move(one));
  }

  load work_;
  std::promise<void> all_done_;
  std::atomic<int> started_{0};
  std::atomic<int> done_{0};
  transport::http_engine engine_;
  book book_;
};

}  // namespace

figures run_engine(const load& work) { return driver(work).run(); }

figures run_httplib(const load& work) {
  auto slash = work.url.find('/', work.url.find("//") + 2);
  auto origin = work.url.substr(0, slash);
  auto path = slash == std::string::npos ? "/" : work.url.substr(slash);
  book notes(work.exchanges);
  std::atomic<int> started{0};
  auto cpu = cpu_seconds();
  auto start = clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < work.connections; ++i)
    threads.emplace_back([&] {
      httplib::Client client(origin);
      client.set_keep_alive(true);
      client.set_tcp_nodelay(true);
      client.set_read_timeout(120);
      httplib::Headers headers{{"Authorization", "Bearer test-key"}};
      for (int number; (number = started.fetch_add(1)) < work.exchanges;) {
        auto begun = clock::now();
        auto got = client.Post(path, headers, request_body(), "application/json");
        notes.note(number, clock::now() - begun, got && got->status == 200);
      }
    });
  for (auto& one : threads) one.join();
  std::chrono::duration<double> took = clock::now() - start;
  return notes.close(took.count(), cpu_seconds() - cpu);
}

figures in_child(figures (*client)(const load&), const load& work) {
  int ends[2];
  figures got{};
  if (pipe(ends) != 0) return got;
  pid_t child = fork();
  if (child == 0) {
    auto mine = client(work);
    bool told = write(ends[1], &mine, sizeof mine) == sizeof mine;
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  if (read(ends[0], &got, sizeof got) != sizeof got) got.errors = work.exchanges;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return got;
}

}  // namespace assay::bench
