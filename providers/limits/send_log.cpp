#include "providers/limits/send_log.hpp"

#include <algorithm>

namespace assay::limits {

namespace {

constexpr std::size_t most_entries = 16'384;
constexpr auto longest = std::chrono::seconds(120);

bool later(instant t, const send_log::entry& e) { return t < e.at; }

}  // namespace

void send_log::add(double cost, int in_flight, instant now) {
  total_ += cost;
  entries_.push_back({now, cost, total_, in_flight, false});
  while (entries_.size() > most_entries || entries_.front().at < now - longest) {
    entries_.pop_front();
    ++forgotten_;
  }
}

const send_log::entry* send_log::refuse(instant at) {
  auto e = std::upper_bound(entries_.begin(), entries_.end(), at, later);
  while (e != entries_.begin() && std::prev(e)->at == at && std::prev(e)->refused) --e;
  if (e == entries_.begin() || std::prev(e)->at != at) return nullptr;
  --e;
  e->refused = true;
  return &*e;
}

double send_log::total_until(instant t) const {
  auto next = std::upper_bound(entries_.begin(), entries_.end(), t, later);
  if (next != entries_.begin()) return std::prev(next)->total;
  return entries_.empty() ? total_ : entries_.front().total - entries_.front().cost;
}

}  // namespace assay::limits
