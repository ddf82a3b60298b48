#include "storage/postgres_lease.hpp"

#include "storage/database_ledger.hpp"

namespace assay::storage {

namespace {

constexpr char lead_lock[] = "lead";
/// Nanoseconds since the Unix epoch, by the one clock that all who wait share.
#define SERVER_CLOCK "CAST(extract(epoch FROM clock_timestamp()) * 1e9 AS BIGINT)"

class session_lease : public lease {
 public:
  session_lease(std::unique_ptr<postgres_connection> db, std::int64_t term)
      : db_(std::move(db)), term_(term) {}

  std::int64_t term() const override { return term_; }

  expected<void> renew() override {
    {
      statement update(*db_, "UPDATE leases SET renewed_ns = " SERVER_CLOCK
                             " WHERE name = 'coordinator' AND term = ? RETURNING term");
      if (!update.start(term_).step())
        db_->fail_with({db_->name(), "another coordinator has taken over", "stop this one"});
    }
    return db_->result();
  }

  bool unreachable() const override { return db_->lost(); }

 private:
  std::unique_ptr<postgres_connection> db_;
  std::int64_t term_;
};

struct holder {
  std::string process;
  milliseconds silent_for{0};
};

holder current_holder(postgres_connection& db) {
  statement row(
      db, "SELECT holder, " SERVER_CLOCK " - renewed_ns FROM leases WHERE name = 'coordinator'");
  if (!row.step()) return {"another process", milliseconds(0)};
  auto silent = std::chrono::nanoseconds(row.integer(1));
  return {std::string(row.text(0)), std::chrono::duration_cast<milliseconds>(silent)};
}

}  // namespace

expected<lead_attempt> begin_to_lead(const postgres_address& address, milliseconds busy_timeout,
                                     milliseconds patience) {
  auto db = std::make_unique<postgres_connection>(address, busy_timeout);
  if (!db->lock(lead_lock)) {
    auto before = current_holder(*db);
    if (auto asked = db->result(); !asked) return tl::make_unexpected(asked.error());
    if (before.silent_for < patience) return lead_attempt{nullptr, before.process};
    db->end_sessions_of(before.process);
    db->wait_for_lock(lead_lock);
    if (auto waited = db->result(); !waited) return tl::make_unexpected(waited.error());
  }
  auto now = db->integer("SELECT " SERVER_CLOCK);
  auto term = begin_term(*db, now);
  if (!term) return tl::make_unexpected(term.error());
  return lead_attempt{std::make_unique<session_lease>(std::move(db), *term), {}};
}

}  // namespace assay::storage
