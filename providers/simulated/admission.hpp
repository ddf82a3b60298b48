#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/settings.hpp"
#include "providers/limits/charge.hpp"
#include "providers/limits/shapes.hpp"
#include "providers/simulated/wire.hpp"

namespace assay::simulated {

/// The provider's own limiter: all limits of rate and the cap on parallel requests, of the account
/// and of each address that asks. A request is charged to all of them or to none; a rejected one
/// costs nothing, unless the habits say so. The time never goes backwards.
class admission {
 public:
  /// Limits begin with all their room at `start`.
  admission(const limit_settings&, instant start, const limiter_habits& = {});

  /// Admits and charges the request, or says which limit rejects it and when to come back.
  std::optional<rejection> ask(const limits::charge&, instant now, const std::string& from = {});
  /// An admitted request from there is over.
  void release(const std::string& from = {});

  int in_flight() const { return account_.in_flight; }
  /// The first limit of each dimension that holds for who asks from there.
  std::vector<limit_level> levels(instant now, const time_anchor&, const std::string& from = {});

 private:
  struct limiter {
    rate_limit limit;
    double capacity;
    std::unique_ptr<limits::shape> state;
    instant other_next;  ///< when the other client of the account takes its next part
  };

  /// What is limited together: the account, or one address.
  struct scope {
    std::vector<limiter> limiters;
    int most = 0;  ///< in flight; 0: no bound
    int in_flight = 0;
    bool changed = false;
  };

  scope make_scope(const std::vector<rate_limit>&, int most, instant at) const;
  scope& address(const std::string& from, instant now);
  /// What happened at the provider up to `now` without our doing.
  void advance(scope&, instant now) const;
  void serve_other(limiter&, instant until) const;
  void change_limit(limiter&, instant at) const;
  std::unique_ptr<limits::shape> untouched(const rate_limit&, instant at) const;
  std::optional<rejection> rejected_by(const limiter&, double cost, instant now) const;
  static void charge_rejected(scope&, const limits::charge&, instant now);

  instant start_;
  limiter_habits habits_;
  address_limits each_address_;
  scope account_;
  std::map<std::string, scope> addresses_;
};

}  // namespace assay::simulated
