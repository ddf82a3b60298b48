#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "providers/limits/account.hpp"

namespace {

using namespace assay;
using namespace std::chrono_literals;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Reads what happens to an account from the front of some bytes.
class script {
 public:
  script(const std::uint8_t* data, std::size_t size) : next_(data), left_(size) {}

  bool ended() const { return left_ == 0; }

  template <class T>
  T take() {
    T x{};
    auto n = std::min(left_, sizeof x);
    std::memcpy(&x, next_, n);
    next_ += n;
    left_ -= n;
    return x;
  }

  /// From a moment to a day, more of the short ones.
  duration span() {
    auto bits = take<std::uint8_t>();
    return duration{std::int64_t{1} << bits % 47} + duration{take<std::uint16_t>()};
  }

  /// Small and round, or whatever eight bytes may mean; never without a number.
  double number() {
    auto small = take<std::uint8_t>();
    if (small < 0xE0) return small;
    auto any = take<double>();
    return std::isnan(any) ? 0 : any;
  }

  std::optional<milliseconds> wait() {
    constexpr milliseconds longest = 24h * 366 * 100;
    auto kind = take<std::uint8_t>();
    if (kind % 4 == 0) return {};
    if (kind % 4 == 1) return 1s * take<std::uint8_t>();
    if (kind % 4 == 2) return milliseconds(take<std::uint16_t>());
    return milliseconds(take<std::uint64_t>() % longest.count());
  }

  rate_header header() {
    rate_header h;
    h.counts = static_cast<dimension>(take<std::uint8_t>() % 6);
    h.limit = number();
    h.remaining = number();
    h.reset = wait();
    if (auto window = take<std::uint8_t>(); window % 2) h.window = 1s * (window / 2);
    return h;
  }

 private:
  const std::uint8_t* next_;
  std::size_t left_;
};

struct under_way {
  limits::charge reserved;
  instant admitted;
};

limit_settings settings_of(script& in) {
  limit_settings s;
  auto kind = in.take<std::uint8_t>();
  s.max_parallel = 1 + kind % 8;
  s.scope = static_cast<limit_scope>(kind / 8 % 3);
  if (kind & 0x20) s.rates.push_back({dimension::requests, 60, 60s, 4, limit_shape::bucket, "rpm"});
  if (kind & 0x40)
    s.rates.push_back({dimension::tokens, 900, 60s, 900, limit_shape::sliding_log, "tpm"});
  if (kind & 0x80)
    s.each_address.rates.push_back({dimension::requests, 9, 10s, 9, limit_shape::fixed_window, ""});
  return s;
}

/// Who waits until the moment that it is told gets through, after a few such waits at most.
void check(const limits::account& a, const limits::charge& c, instant now) {
  require(a.room(now) >= 0 && a.room_at(c.address, now) >= 0);
  auto when = now;
  for (int waits = 0;; ++waits) {
    auto next = a.earliest(c, when);
    require(next >= when && waits < 20);
    if (next == when || next > now + 24h * 366) return;
    (void)a.held_back_by(c, when);
    when = next;
  }
}

void check(const known_limits& all) {
  for (const auto& r : all.rates)
    require(r.left >= 0 && r.rate >= 0 && r.low <= r.high && (!r.window || *r.window >= 0s));
  for (const auto& p : all.places) require(p.most > 0);
}

}  // namespace

/// Whatever an API, or a node, says of limits, in headers and in refusals: the account goes on, by
/// sound numbers, and its own limits hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  script in(data, size);
  const auto settings = settings_of(in);
  instant now{1h};
  limits::account a(settings, now);
  std::vector<under_way> calls;
  auto one_of = [&](std::uint8_t which) { return calls.begin() + which % calls.size(); };
  while (!in.ended()) {
    auto what = in.take<std::uint8_t>();
    limits::charge c;
    c.input_tokens = what / 16 * 10;
    c.model = a.model(what & 0x40 ? "m" : "");
    c.address = a.address(what & 0x80 ? "x" : address_here);
    switch (what % 8) {
      case 0:
        now += in.span();
        break;
      case 1:  // the next one as soon as it may go, if that is not too far
        now = a.earliest(c, now) < now + 24h ? a.earliest(c, now) : now;
        [[fallthrough]];
      case 2:
        if (!a.fits(c, now)) break;
        a.admit(c, now);
        calls.push_back({c, now});
        break;
      default:
        if (calls.empty()) break;
        auto call = one_of(in.take<std::uint8_t>());
        auto [reserved, admitted] = *call;
        if (what % 8 <= 5) a.headers({in.header()}, reserved, admitted, now);
        if (what % 8 == 3) break;
        if (what % 8 == 4) a.accepted(reserved, admitted, now);
        if (what % 8 == 6) {
          api_error e;
          e.retry_after = in.wait();
          if (auto counts = in.take<std::uint8_t>() % 7; counts < 6)
            e.limited = static_cast<dimension>(counts);
          auto cut = a.limited(e, reserved, admitted, now, 1s);
          require(cut.until >= now);
        }
        if (what % 8 == 7)
          in.take<std::uint8_t>() & 1 ? a.ramp_limited(reserved, now) : a.overloaded(reserved, now);
        a.release(reserved, reserved, admitted, now);
        calls.erase(call);
    }
    require(a.in_flight() == static_cast<int>(calls.size()) &&
            a.in_flight() <= settings.max_parallel);
    check(a, c, now);
  }
  check(a.known(now));
  return 0;
}
