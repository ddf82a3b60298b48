#include "providers/transport/http_engine.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "providers/transport/descriptors.hpp"
#include "providers/transport/event_loop.hpp"

namespace assay::transport {

namespace {

constexpr unsigned most_loops = 256;  // the low byte of an id names the loop

void prepare_process_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    raise_descriptor_limit();
  });
}

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

http_engine::http_engine(engine_options options) {
  prepare_process_once();
  auto wanted = options.loops ? options.loops : std::thread::hardware_concurrency();
  loops_.resize(std::clamp(wanted, 1u, most_loops));
  for (auto& one : loops_) one = std::make_unique<loop>(under_way_);
}

http_engine::~http_engine() {
  for (auto& one : loops_) one->stop();
}

std::uint64_t http_engine::start(exchange job) {
  auto emptier = [](const auto& a, const auto& b) { return a->load() < b->load(); };
  auto chosen = std::min_element(loops_.begin(), loops_.end(), emptier);
  auto id = next_number() * most_loops + static_cast<std::uint64_t>(chosen - loops_.begin());
  (*chosen)->start(id, std::move(job));
  return id;
}

void http_engine::cancel(std::uint64_t id) {
  if (auto which = id % most_loops; which < loops_.size()) loops_[which]->cancel(id);
}

}  // namespace assay::transport
