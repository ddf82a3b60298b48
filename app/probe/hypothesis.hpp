#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

/// Finding an account's limits with few requests: what could the API's limiter be, which of that
/// agrees with what was seen, and what to ask next.
namespace assay::probing {

/// Requests sent at the same moment while none was in flight, and what became of them.
struct volley {
  double at_s = 0;  ///< since the probe began
  int sent = 0;
  int accepted = 0;
  std::optional<double> retry_after_s;  ///< the longest of the rejected ones
  double spread_s = 0;                  ///< from the first to the last that left

  bool refused() const { return accepted < sent; }
};

/// What the API's limiter may be.
enum class kind : std::uint8_t { none, bucket, fixed_window, sliding_log, concurrency };

inline constexpr std::size_t kinds = 5;

std::string_view to_string(kind);

/// One limiter with its figures.
struct hypothesis {
  kind what = kind::none;
  double rate = 0;  ///< bucket: requests per second
  double amount =
      0;  ///< bucket: what may go at once; window, log: per window; concurrency: in flight
  double window_s = 0;  ///< window, log
  double phase = 0;     ///< window: when it begins, 0 ... 1 of itself
};

/// A limiter as it would stand after the volleys seen so far (formulas: docs/limits.md, B3). What
/// was seen overrules what it would have done itself.
class standing {
 public:
  explicit standing(const hypothesis& h) : h_(h), level_(h.amount) {}

  /// How many requests it would let in at this moment, if that many were sent.
  double room(double at_s) const;
  /// When it would let in the next one.
  double wait(double at_s) const;
  void book(const volley&);

 private:
  std::int64_t window_index(double at_s) const;

  hypothesis h_;
  double level_ = 0;  ///< bucket
  double last_s_ = 0;
  std::int64_t window_ = 0;  ///< fixed window
  double used_ = 0;
  std::deque<std::pair<double, int>> taken_;  ///< sliding log
};

/// The logarithm of how likely volleys are under a limiter, but for a constant.
struct log_likelihood {
  double before = 0;  ///< of all but the last volley
  double with = 0;    ///< of all
};

/// Forgives single volleys that do not fit (requests that overtook each other, a failure of the
/// API) up to a point.
log_likelihood explain(const hypothesis&, const std::vector<volley>&);

}  // namespace assay::probing
