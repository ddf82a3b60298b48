#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/known_limits.hpp"
#include "providers/limits/charge.hpp"
#include "providers/limits/overload.hpp"
#include "providers/limits/scope_limits.hpp"
#include "providers/limits/stated_limit.hpp"

namespace assay::limits {

/// The limits of one provider account: every one at once, so that a request is either charged to
/// all of them or to none. What is configured is the hard budget; below it each model and, where
/// limits tell them apart, each egress address is a scope of its own. What the API says goes to the
/// scope that it speaks of. Pure: the time is an argument and never goes backwards.
///
/// Invariants: in flight <= max_parallel; no configured limit is charged above what it allows in
/// any window; with `scope = model` a cut of one model never holds another back, nor that of one
/// address another with `scope = address`.
class account {
 public:
  /// `clock` ties the time to the calendar, by which some windows begin.
  account(const limit_settings&, instant start, const time_anchor& clock = {});

  /// The index of this model for `charge::model`; the same name always gives the same index.
  std::uint32_t model(const std::string& name);

  /// The index of this egress address for `charge::address`; that of this process, `address_here`,
  /// is 0, and so is any where it does not matter.
  std::uint32_t address(const std::string& name);

  /// The earliest moment, not before `now`, at which the limits of rate allow this request and no
  /// hold is on; `instant::max()` if it can never pass. Takes no notice of what is in flight.
  instant earliest(const charge&, instant now) const;

  /// The same for requests of one model that are to leave at the same moment.
  instant earliest_together(const std::vector<charge>&, instant now) const;

  /// True if the request may be sent now.
  bool fits(const charge& c, instant now) const {
    return places_left(c, now) > 0 && earliest(c, now) <= now;
  }

  /// Charges all limits and takes a slot. REQUIRES: `fits`.
  void admit(const charge&, instant now);

  /// The exchange admitted at `admitted` is over: frees its slot, and books what it really used
  /// where the API gives back what was reserved too much.
  void release(const charge& reserved, const charge& used, instant admitted, instant now);

  /// Sends nothing before `until`; a later hold extends an earlier one.
  void hold(instant until) { own_.hold(until); }

  /// What may be started besides what is in flight, for any model and address; below zero after a
  /// cut.
  int free_slots() const;
  /// The same for what leaves by this address, as far as that alone is limited.
  int free_slots_at(std::uint32_t address) const;

  /// The same for this request, as far as its model and address are known to allow.
  int places_left(const charge&, instant now) const;
  int in_flight() const { return in_flight_; }
  int in_flight_at(std::uint32_t address) const { return addresses_[address].in_flight; }

  /// How many small requests could start by `now`, slots included.
  int room(instant now) const;
  /// The same by this address, as far as that alone is limited.
  int room_at(std::uint32_t address, instant now) const;

  /// The name of the limit that keeps this request back longest (`qps`, `tpm`, `max_parallel`,
  /// `retry-after` ...); empty if it may go now.
  std::string held_back_by(const charge&, instant now) const;

  // -- what the API says --

  /// The rate headers of the answer to a request sent at `sent`; at the first byte or at the end.
  void headers(const std::vector<rate_header>&, const charge&, instant sent, instant now);

  /// True if headers would be worth knowing before the answer has ended.
  bool wants_headers() const;

  /// The API took the request that was admitted at `admitted`.
  void accepted(const charge&, instant admitted, instant now);

  /// How often in a row a limit has cut, a 429 to a request admitted at `admitted` included.
  int cuts_in_a_row(const charge& c, instant admitted) const {
    return told_about(c).cuts_in_a_row(admitted);
  }

  /// What a 429 led to: nothing is sent before `until`; `first_of_group` is false for those that
  /// were on their way when the gate closed.
  using cut = scope_limits::cut;

  /// The API refused a request admitted at `admitted` because of a limit (429). `backoff` is the
  /// wait if neither the API nor anything known tells how long.
  cut limited(const api_error&, const charge&, instant admitted, instant now, duration backoff);

  /// The API refused because traffic grew too fast: half the rate, then 10 % more each minute.
  void ramp_limited(const charge& c, instant now) { told_about(c).ramp_limited(now); }

  /// The API has no capacity at the moment (503, 529).
  void overloaded(const charge&, instant now);

  // -- what is known --

  /// So many requests may have been sent just before, by any address, which nobody remembers.
  /// REQUIRES: nothing is in flight.
  void perhaps_sent(int requests, instant now);

  known_limits known(instant now) const;
  /// Keeps to the rates that were learned earlier, instead of searching for them anew; of each,
  /// `left` may go at once. REQUIRES: nothing was refused yet.
  void resume(const known_limits& earlier, instant now);

 private:
  /// A model or an address.
  struct part {
    std::string name;
    std::vector<stated_limit> stated;
    std::unique_ptr<scope_limits> told;  ///< null: what is told does not speak of it alone
    overload_cap cap;                    ///< of models
    std::optional<int> most;             ///< in flight
    int in_flight = 0;

    std::optional<int> free_slots(instant now) const;
  };

  template <class Each>
  void each_stated(const charge&, Each) const;
  template <class Each>
  void each_stated(const charge&, Each);

  /// That nobody remembers.
  struct forgotten {
    int requests = 0;
    instant at;
  };

  void charge_forgotten(part&) const;
  part make_part(const std::string& name, const std::vector<rate_limit>&, limit_scope) const;
  const part& model_of(const charge& c) const { return models_[c.model]; }
  const part& address_of(const charge& c) const { return addresses_[c.address]; }
  part& model_of(const charge& c) { return models_[c.model]; }
  part& address_of(const charge& c) { return addresses_[c.address]; }
  const scope_limits& told_about(const charge&) const;
  scope_limits& told_about(const charge&);
  bool refunds() const;
  void tell_stated(const api_error&, const charge&, instant now);

  limit_settings settings_;
  instant start_;
  time_anchor clock_;
  int max_parallel_;
  int in_flight_ = 0;
  instant latest_;  ///< of the moments it was told of
  std::vector<stated_limit> stated_;
  bool bounded_;  ///< a limit of requests is configured, whatever the model
  scope_limits own_;
  std::vector<part> models_;
  std::vector<part> addresses_;
  forgotten forgotten_;
};

}  // namespace assay::limits
