#include <cstdint>
#include <cstdlib>
#include <string>

#include "providers/dialects/durations.hpp"
#include "providers/dialects/rate_headers.hpp"

/// Whatever a header says: no crash, and no wait that is negative or endless.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  std::string text(reinterpret_cast<const char*>(data), size);
  auto check = [](std::optional<milliseconds> wait) {
    if (wait && (wait->count() < 0 || *wait > std::chrono::hours(24 * 366))) std::abort();
  };
  dialects::calendar_time date{milliseconds(1'755'780'000'000)};
  check(dialects::go_duration(text));
  check(dialects::time_to_go(text, std::nullopt));
  check(dialects::time_to_go(text, date));
  header_list headers{{"date", "Thu, 21 Aug 2025 12:40:00 GMT"},
                      {"retry-after", text},
                      {"x-ratelimit-limit-requests", text},
                      {"x-ratelimit-remaining-requests", text},
                      {"x-ratelimit-reset-requests", text}};
  check(dialects::retry_after(headers));
  check(dialects::retry_after({{"retry-after-ms", text}}));
  for (const auto& limit : dialects::rate_headers(dialects::rate_family::openai, headers)) {
    if (!(limit.limit > 0) || !(limit.remaining >= 0)) std::abort();
    check(limit.reset);
  }
  return 0;
}
