#include "app/run/accounts.hpp"

#include <algorithm>
#include <map>

#include "providers/catalog/credentials.hpp"

namespace assay::app {

namespace {

milliseconds longest_window(const limit_settings& limits) {
  milliseconds longest{0};
  auto look = [&](const std::vector<rate_limit>& rates) {
    for (const auto& rate : rates) longest = std::max(longest, rate.window);
  };
  look(limits.rates);
  for (const auto& [model, rates] : limits.models) look(rates);
  return longest;
}

/// Requests still count in a window as long as it is, and in a bucket until it is full again.
constexpr milliseconds least_memory{60'000};

}  // namespace

expected<std::vector<std::unique_ptr<storage::account_lock>>> lock_accounts(
    storage::ledger& ledger, const std::vector<actors::account_access_ptr>& accounts) {
  std::map<std::string, std::unique_ptr<storage::account_lock>> held;
  for (const auto& access : accounts) {
    auto& lock = held[catalog::account_identity(access->settings)];
    if (lock) continue;  // two names for one account
    auto taken = ledger.lock_account(catalog::account_identity(access->settings));
    if (!taken) {
      auto why = taken.error();
      why.what = "provider " + access->settings.name + ": " + why.what;
      why.fix =
          "its limits have one owner at a time: wait for the other run, or put both "
          "experiments into one file";
      return tl::make_unexpected(std::move(why));
    }
    lock = std::move(*taken);
  }
  std::vector<std::unique_ptr<storage::account_lock>> locks;
  for (auto& [identity, lock] : held) locks.push_back(std::move(lock));
  return locks;
}

expected<std::vector<actors::recent_requests>> recall(
    storage::ledger& ledger, const std::vector<actors::account_access_ptr>& accounts,
    const time_anchor& anchor, bool ended_without_a_word) {
  std::map<std::string, actors::recent_requests> by_name;
  milliseconds longest{0};
  for (const auto& access : accounts) {
    auto& recent = by_name[access->settings.name];
    recent.provider = access->settings.name;
    if (ended_without_a_word) recent.perhaps_in_flight = access->settings.limits.max_parallel;
    longest = std::max(longest, longest_window(access->settings.limits));
  }
  auto now_ns = anchor.unix_ns(anchor.steady);
  auto since = now_ns - std::chrono::nanoseconds(std::max(longest, least_memory)).count();
  auto note = [&](const storage::attempt_row& row) {
    auto known = by_name.find(row.provider);
    if (known == by_name.end() || row.admitted_unix_ns < since) return;
    auto at = anchor.steady + std::chrono::nanoseconds(row.admitted_unix_ns - now_ns);
    known->second.sent.push_back({at, row.model, static_cast<double>(row.input_tokens),
                                  static_cast<double>(row.output_tokens), row.cost.value});
  };
  auto runs = ledger.runs();
  if (!runs) return tl::make_unexpected(runs.error());
  for (const auto& run : *runs)
    if (run.state == storage::run_state::running || run.ended_unix_ns >= since)
      if (auto read = ledger.attempt_rows(run.id, note); !read)
        return tl::make_unexpected(read.error());
  std::vector<actors::recent_requests> all;
  for (auto& [name, recent] : by_name) {
    std::sort(recent.sent.begin(), recent.sent.end(),
              [](const auto& a, const auto& b) { return a.at < b.at; });
    all.push_back(std::move(recent));
  }
  return all;
}

}  // namespace assay::app
