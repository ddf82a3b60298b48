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
  look(limits.each_address.rates);
  for (const auto& [model, rates] : limits.models) look(rates);
  return longest;
}

/// Requests still count in a window as long as it is, and in a bucket until it is full again.
constexpr milliseconds least_memory{60'000};
/// Limits that were found out longer ago are looked for again.
constexpr std::chrono::nanoseconds believed_for = std::chrono::hours(7 * 24);
/// Part of a burst that is taken to have come back in the time since.
constexpr double sure_part = 0.9;

}  // namespace

expected<known_limits> limits_found_before(storage::ledger& ledger,
                                           const provider_settings& provider,
                                           const time_anchor& anchor, duration idle) {
  auto newest = ledger.newest_limits(catalog::account_identity(provider));
  if (!newest) return tl::make_unexpected(newest.error());
  auto oldest_ns = anchor.unix_ns(anchor.steady) - believed_for.count();
  if (!*newest || (*newest)->saved_unix_ns < oldest_ns) return known_limits{};
  auto limits = (*newest)->limits;
  for (auto& r : limits.rates) r.left = sure_part * std::min(r.burst, r.rate * seconds(idle));
  return limits;
}

expected<void> note_limits(storage::ledger& ledger, storage::run_id run,
                           const std::vector<actors::account_access_ptr>& accounts,
                           const std::vector<provider_status>& states, const time_anchor& anchor,
                           instant now) {
  auto saved_ns = anchor.unix_ns(now);
  for (const auto& access : accounts) {
    const auto* p = find_named(states, access->settings.name);
    if (!p) continue;
    auto found = found_out(p->limits);
    if (found == known_limits{}) continue;
    auto saved = ledger.save_limits(
        run, {p->name, catalog::account_identity(access->settings), std::move(found), saved_ns});
    if (!saved) return saved;
  }
  return {};
}

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

expected<bool> ended_without_a_word(storage::ledger& ledger) {
  auto runs = ledger.runs();
  if (!runs) return tl::make_unexpected(runs.error());
  return std::any_of(runs->begin(), runs->end(),
                     [](const auto& run) { return run.state == storage::run_state::running; });
}

expected<std::vector<actors::account_memory>> recall(
    storage::ledger& ledger, const std::vector<actors::account_access_ptr>& accounts,
    const time_anchor& anchor, bool ended_without_a_word) {
  std::map<std::string, actors::account_memory> by_name;
  milliseconds longest{0};
  for (const auto& access : accounts) {
    auto& memory = by_name[access->settings.name];
    memory.provider = access->settings.name;
    if (ended_without_a_word) memory.perhaps_in_flight = access->settings.limits.max_parallel;
    longest = std::max(longest, longest_window(access->settings.limits));
  }
  auto now_ns = anchor.unix_ns(anchor.steady);
  auto since = now_ns - std::chrono::nanoseconds(std::max(longest, least_memory)).count();
  auto note = [&](const storage::attempt_row& row) {
    auto known = by_name.find(row.provider);
    if (known == by_name.end() || row.admitted_unix_ns < since || row.batched) return;
    auto at = anchor.steady + std::chrono::nanoseconds(row.admitted_unix_ns - now_ns);
    known->second.sent.push_back({at, row.model, static_cast<double>(row.input_tokens),
                                  static_cast<double>(row.output_tokens), row.cost.value,
                                  row.egress});
  };
  auto runs = ledger.runs();
  if (!runs) return tl::make_unexpected(runs.error());
  for (const auto& run : *runs)
    if (run.state == storage::run_state::running || run.ended_unix_ns >= since)
      if (auto read = ledger.attempt_rows(run.id, note); !read)
        return tl::make_unexpected(read.error());
  std::vector<actors::account_memory> all;
  for (const auto& access : accounts) {
    auto known = by_name.extract(access->settings.name);
    if (known.empty()) continue;
    auto& memory = known.mapped();
    std::sort(memory.sent.begin(), memory.sent.end(),
              [](const auto& a, const auto& b) { return a.at < b.at; });
    auto idle =
        memory.sent.empty() ? duration(least_memory) : anchor.steady - memory.sent.back().at;
    if (memory.perhaps_in_flight > 0) idle = {};
    auto found = limits_found_before(ledger, access->settings, anchor, idle);
    if (!found) return tl::make_unexpected(found.error());
    memory.limits = std::move(*found);
    all.push_back(std::move(memory));
  }
  return all;
}

}  // namespace assay::app
