#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "messages/settings.hpp"
#include "messages/units.hpp"

namespace assay::actors {

/// The most that a task can use up, set aside before it is sent.
struct reservation {
  usd cost;
  std::int64_t tokens = 0;
};

/// What a run has spent and set aside, against its budget and that of each account. What is set
/// aside counts as spent, so that a budget is passed only by answers that cost more than expected.
class spending {
 public:
  spending(const budget& of_run, const std::map<std::string, budget>& of_accounts)
      : of_run_{of_run, {}, {}} {
    for (const auto& [name, most] : of_accounts) accounts_[name] = {most, {}, {}};
  }

  /// Why the run's budget has no room for this `elapsed` after its start; empty: it has.
  std::string refused_by_run(const reservation&, duration elapsed) const;
  /// The same for the run's budget on that account.
  std::string refused_by_account(const std::string& account, const reservation&,
                                 duration elapsed) const;
  /// REQUIRES: nothing; a task in hand is allowed to have been let in by a larger budget.
  void set_aside(const std::string& account, const reservation&);
  void give_back(const std::string& account, const reservation&);
  void spend(const std::string& account, const reservation& used);

 private:
  struct purse {
    budget most;
    reservation spent;
    reservation aside;
  };
  static std::string refused_by(const purse&, const reservation&, duration elapsed,
                                const std::string& whose);

  purse of_run_;
  std::map<std::string, purse> accounts_;
};

}  // namespace assay::actors
