#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "messages/settings.hpp"
#include "providers/limits/charge.hpp"
#include "providers/limits/shapes.hpp"
#include "providers/simulated/wire.hpp"

namespace assay::simulated {

/// The provider's own limiter: all limits of rate and the cap on parallel requests. A request is
/// charged to all of them or to none; a rejected one costs nothing, unless the habits say so. The
/// time never goes backwards.
class admission {
 public:
  /// Limits begin with all their room at `start`.
  admission(const limit_settings&, instant start, const limiter_habits& = {});

  /// Admits and charges the request, or says which limit rejects it and when to come back.
  std::optional<rejection> ask(const limits::charge&, instant now);
  /// An admitted request is over.
  void release();

  int in_flight() const { return in_flight_; }
  /// The first limit of each dimension.
  std::vector<limit_level> levels(instant now, const time_anchor&);

 private:
  struct limiter {
    rate_limit limit;
    double capacity;
    std::unique_ptr<limits::shape> state;
    instant other_next;  ///< when the other client of the account takes its next part
  };

  /// What happened at the provider up to `now` without our doing.
  void advance(instant now);
  void serve_other(limiter&, instant until) const;
  void change_limit(limiter&, instant at) const;
  std::unique_ptr<limits::shape> untouched(const rate_limit&, instant at) const;
  std::optional<rejection> rejected_by(const limiter&, double cost, instant now) const;
  void charge_rejected(const limits::charge&, instant now);

  std::vector<limiter> limiters_;
  instant start_;
  limiter_habits habits_;
  bool changed_ = false;
  int max_parallel_;
  int in_flight_ = 0;
};

}  // namespace assay::simulated
