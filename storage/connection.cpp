#include "storage/connection.hpp"

namespace assay::storage {

namespace {

/// So much is gathered before it is sent: enough for the round trip not to matter.
constexpr std::size_t rows_at_once = 5'000;
constexpr std::size_t bytes_at_once = 16 << 20;

}  // namespace

// -- statement ------------------------------------------------------------------------------------

statement::statement(connection& owner, const char* sql, use how)
    : owner_(owner), sql_(sql), how_(how), handle_(owner.borrow(sql, how)) {}

statement::~statement() {
  if (!handle_) return;
  handle_->reset();
  owner_.give_back(sql_, how_, std::move(handle_));
}

void statement::reset() {
  if (handle_) handle_->reset();
}

bool statement::step() { return handle_ && !owner_.failed() && handle_->step(); }

std::optional<std::int64_t> statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::optional<double> statement::optional_real(int column) const {
  if (is_null(column)) return std::nullopt;
  return real(column);
}

// -- many at once ---------------------------------------------------------------------------------

void bulk::end_row() {
  if (!owner_.gathers()) {
    step();
    reset();
  } else if (handle_) {
    handle_->end_set();
    if (++held_ >= rows_at_once || handle_->held_bytes() >= bytes_at_once) flush();
  }
}

void bulk::flush() {
  if (held_ == 0) return;
  held_ = 0;
  step();
  reset();
}

bool inquiry::next_set() {
  if (!owner_.gathers()) return false;
  if (handle_) handle_->end_set();
  return gathered_ = true;
}

bool inquiry::more() { return gathered_ && (gathered_ = step()); }

// -- connection -----------------------------------------------------------------------------------

std::int64_t connection::integer(const char* sql) {
  statement query(*this, sql);
  return query.step() ? query.integer(0) : 0;
}

void connection::fail_with(problem what) {
  if (!failure_) failure_ = std::move(what);
}

expected<void> connection::result() {
  if (!failure_) return {};
  auto what = std::move(*failure_);
  failure_.reset();
  failure_told();
  return tl::make_unexpected(std::move(what));
}

/// A statement that is in use already (a query whose visitor queries again) is prepared anew.
std::unique_ptr<prepared> connection::borrow(const char* sql, use how) {
  if (auto waiting = idle_.extract({sql, how})) return std::move(waiting.mapped());
  return failed() ? nullptr : prepare(sql, how);
}

void connection::give_back(const char* sql, use how, std::unique_ptr<prepared> handle) {
  idle_.emplace(std::pair(sql, how), std::move(handle));
}

/// Under the write lock, which a new leader needs to begin its term.
void connection::check_term() {
  if (!term_ || failed()) return;
  statement newest(*this, "SELECT term, holder FROM leases WHERE name = 'coordinator'");
  if (newest.step() && newest.integer(0) > *term_)
    fail_with({name(), "another coordinator has taken over: " + std::string(newest.text(1)),
               "stop this one; what it had committed is kept"});
}

// -- transaction ----------------------------------------------------------------------------------

transaction::transaction(connection& owner, std::function<void(bool)> ended)
    : owner_(owner), ended_(std::move(ended)) {
  if (!owner_.failed()) owner_.begin_transaction();
  owner_.check_term();
}

transaction::~transaction() {
  if (open_) roll_back();
}

expected<void> transaction::commit() {
  if (!owner_.failed()) owner_.commit_transaction();
  open_ = owner_.failed();
  auto result = owner_.result();
  if (open_)
    roll_back();
  else
    ended_(true);
  return result;
}

/// The reason for rolling back stays the failure, whatever the rollback itself meets.
void transaction::roll_back() {
  open_ = false;
  auto reason = owner_.result();
  owner_.roll_back_transaction();
  (void)owner_.result();
  if (!reason) owner_.fail_with(std::move(reason.error()));
  ended_(false);
}

}  // namespace assay::storage
