#include "providers/transport/event_loop.hpp"

#include <curl/curl.h>
#include <signal.h>

#include <algorithm>
#include <new>

namespace assay::transport {

namespace {

constexpr milliseconds longest_sleep{60'000};

api_error cancelled() {
  api_error error;
  error.kind = error_class::cancelled;
  error.code = "cancelled";
  error.message = "cancelled before the answer was complete";
  return error;
}

/// A peer that has gone must not end the process, whatever library writes to it.
void block_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

struct http_engine::loop::callbacks {
  static int watch(CURL*, curl_socket_t fd, int what, void* self, void*) {
    auto& sockets = static_cast<loop*>(self)->readiness_;
    bool in = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    bool out = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
    sockets.want(fd, in, out);
    return 0;
  }
  static int timer(CURLM*, long ms, void* self) {
    static_cast<loop*>(self)->curl_timer_ =
        ms < 0 ? deadline_queue::never : std::chrono::steady_clock::now() + milliseconds(ms);
    return 0;
  }
};

http_engine::loop::loop(std::atomic<std::size_t>& under_way)
    : under_way_(under_way), multi_(curl_multi_init()) {
  if (!multi_) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, 0L);        // no cap
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, 0L);         // no cap
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 65'536L);             // kept alive while idle
  curl_multi_setopt(multi_, CURLMOPT_MAX_CONCURRENT_STREAMS, 10'000L);  // the server's word counts
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, long{CURLPIPE_MULTIPLEX});
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &callbacks::watch);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &callbacks::timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  thread_ = std::thread([this] { run(); });
}

void http_engine::loop::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  readiness_.wake();
}

http_engine::loop::~loop() {
  thread_.join();
  transfers_.clear();
  curl_multi_cleanup(multi_);
}

// -- any thread -----------------------------------------------------------------------------------

void http_engine::loop::start(std::uint64_t id, exchange job) {
  load_.fetch_add(1, std::memory_order_relaxed);
  under_way_.fetch_add(1, std::memory_order_relaxed);
  give({id, std::move(job)});
}

void http_engine::loop::cancel(std::uint64_t id) { give({id, std::nullopt}); }

void http_engine::loop::give(command order) {
  bool wake;
  {
    std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(order));
    wake = std::exchange(sleeping_, false);
  }
  if (wake) readiness_.wake();
}

// -- the loop's thread ----------------------------------------------------------------------------

void http_engine::loop::run() {
  block_sigpipe();
  while (take_commands()) {
    act();
    read_results();
    end_overdue();
    sleep();
  }
  drain();
}

bool http_engine::loop::take_commands() {
  bool stopping;
  {
    std::lock_guard lock(mutex_);
    taken_.swap(inbox_);
    stopping = stopping_;
  }
  for (auto& [id, job] : taken_) {
    if (job) {
      begin(id, std::move(*job));
    } else if (auto found = by_id_.find(id); found != by_id_.end()) {
      abort(*transfers_[found->second], cancelled());
    }
  }
  bool none = taken_.empty();
  taken_.clear();
  return !(stopping && none);
}

void http_engine::loop::begin(std::uint64_t id, exchange job) {
  auto& to = free_transfer();
  by_id_.emplace(id, to.index());
  auto error = to.begin(id, std::move(job), std::chrono::steady_clock::now());
  if (error.kind != error_class::none) return finish(to, error);
  if (curl_multi_add_handle(multi_, to.handle()) != CURLM_OK)
    finish(to, to.outcome_of(CURLE_OUT_OF_MEMORY));
}

void http_engine::loop::read_results() {
  int left = 0;
  while (auto* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    auto code = message->data.result;
    char* self = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
    auto& ended = *reinterpret_cast<transfer*>(self);
    ended.look_at_connection();
    abort(ended, ended.outcome_of(code));
  }
}

void http_engine::loop::end_overdue() {
  auto now = std::chrono::steady_clock::now();
  if (deadlines_.next() > now) return;
  for (auto who : deadlines_.overdue(now)) abort(*transfers_[who], transfers_[who]->overdue(now));
}

void http_engine::loop::drain() {
  while (true) {
    for (auto& one : transfers_)
      if (one->busy()) abort(*one, cancelled());
    if (under_way_.load(std::memory_order_acquire) == 0) return;
    take_commands();
    std::this_thread::yield();
  }
}

void http_engine::loop::abort(transfer& it, const api_error& why) {
  curl_multi_remove_handle(multi_, it.handle());
  finish(it, why);
}

void http_engine::loop::finish(transfer& it, const api_error& error) {
  by_id_.erase(it.id());
  auto [done, result] = it.end(error, std::chrono::steady_clock::now());
  free_.push_back(it.index());
  load_.fetch_sub(1, std::memory_order_relaxed);
  done(std::move(result));
  under_way_.fetch_sub(1, std::memory_order_release);
}

transfer& http_engine::loop::free_transfer() {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(transfers_.size()));
    transfers_.push_back(std::make_unique<transfer>(free_.back(), deadlines_, readiness_));
  }
  auto index = free_.back();
  free_.pop_back();
  return *transfers_[index];
}

/// Lets curl do what the sockets and its own timers ask for.
void http_engine::loop::act() {
  int running = 0;
  for (const auto& [fd, in, out, error] : readiness_.ready()) {
    int what =
        (in ? CURL_CSELECT_IN : 0) | (out ? CURL_CSELECT_OUT : 0) | (error ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(multi_, fd, what, &running);
  }
  if (curl_timer_ <= std::chrono::steady_clock::now()) {
    curl_timer_ = deadline_queue::never;
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

void http_engine::loop::sleep() {
  bool work = false;
  {
    std::lock_guard lock(mutex_);
    work = !inbox_.empty() || stopping_;
    sleeping_ = !work;
  }
  auto now = std::chrono::steady_clock::now();
  auto next = work ? now : std::min({deadlines_.next(), curl_timer_, now + longest_sleep});
  auto wait = next <= now ? milliseconds{0} : std::chrono::ceil<milliseconds>(next - now);
  readiness_.wait(wait);
  std::lock_guard lock(mutex_);
  sleeping_ = false;
}

}  // namespace assay::transport
