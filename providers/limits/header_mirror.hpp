#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/known_limits.hpp"
#include "providers/limits/interval.hpp"
#include "providers/limits/send_log.hpp"
#include "providers/limits/shapes.hpp"

namespace assay::limits {

/// The mirror of one limit that an API states in its headers: {limit, remaining, reset} of one
/// dimension. Finds the shape by which of these stays the same: used / reset (a bucket's rate),
/// sent + reset (a window's border), reset itself (a sliding log's window). Headers are late and
/// out of order; each one only bounds the level from both sides (the interval clamp of
/// docs/limits.md).
class header_mirror {
 public:
  explicit header_mirror(dimension counts) : counts_(counts) {}

  dimension counts() const { return counts_; }
  /// False as long as no sensible header has come.
  bool known() const { return limit_ > 0; }
  /// True once it is clear how the limit is counted.
  bool shape_known() const { return kind_ != kind::unknown; }

  instant earliest(double cost, instant now) const;
  void sent(double cost, instant now);
  void settle(double surplus, instant taken, instant now);
  double level(instant now) const;

  /// The API has refused a request, which is not counted then.
  void refused();

  /// A header of the answer to a request that left at `sent`, charged `cost`.
  void told(const rate_header&, double cost, instant sent, instant now);

  known_rate found(instant now) const;

 private:
  enum class kind : std::uint8_t { unknown, bucket, window, log };

  struct sample {
    double used;
    double reset_s;
  };

  struct statement {
    instant sent;
    double remaining;
  };

  void begin_anew(const rate_header&, instant now);
  void observe(const rate_header&, double cost, instant sent, instant now);
  double freed_since(const statement& then, const statement& now, double cost) const;
  void learn_refill(const statement&, double cost);
  void check_stated_window();
  void learn_border(double reset_s, instant sent, instant now);
  std::optional<double> log_window_s() const;
  void check_log(const statement&, double cost);
  kind likely() const;
  void settle_on(kind, instant now);
  void build(instant now, double level);
  void refresh_rate(instant now);
  void doubt_rate(const statement&, double cost, instant now);
  double rate_from_samples() const;
  void clamp(double remaining, double cost, instant sent, instant now);
  double freed_by_log(instant since, instant now) const;

  dimension counts_;
  double limit_ = 0;
  std::optional<std::chrono::seconds> stated_window_;
  kind kind_ = kind::unknown;
  std::unique_ptr<shape> shape_;  ///< null while the shape is unknown, or its window's length is
  double plain_ = 0;              ///< without a shape: the level
  instant whole_{};               ///< without a shape: from then on all of the limit is free ...
  instant whole_early_{};         ///< ... and what arrives after this may count against it again
  double rate_ = 0;               ///< bucket: a second
  double window_s_ = 0;           ///< windows and logs; 0: not known yet
  instant border_early_{};        ///< window: encloses a border
  instant border_late_{};
  instant newest_{};  ///< when the last request left whose answer told the limit
  std::optional<statement> counted_from_;  ///< since then nothing was refused
  double least_rate_ = 0;                  ///< a second, in the long run, whatever the shape
  double longest_log_s_ = 1e300;           ///< that leaves as much as there was
  std::optional<statement> in_use_from_;   ///< since then the bucket was never full
  double raised_rate_ = 0;                 ///< that is tried, since the bucket was found full
  instant raised_at_{};
  int samples_seen_ = 0;
  std::vector<sample> samples_;  ///< the last 31
  interval bucket_rate_;
  interval log_window_;
  interval window_border_;
  int borders_ = 0;
  send_log sends_;
};

}  // namespace assay::limits
