#include "actors/places.hpp"

#include <algorithm>

namespace assay::actors {

namespace {

/// How much one answer moves the mean service time of a place.
constexpr double learning = 0.1;

}  // namespace

void places::wait_for(const std::vector<std::string>& nodes) {
  awaits_word_ = false;
  awaited_ = {nodes.begin(), nodes.end()};
}

template <class Change>
void places::change(place& p, Change change) {
  if (auto before = p.free(); before > 0 && (free_[p.address] -= before) == 0)
    free_.erase(p.address);
  change();
  if (p.free() > 0) free_[p.address] += p.free();
}

void places::set(const node_offer& offer, const place_actor& handle, std::uint32_t address) {
  awaited_.erase(offer.node);
  auto& p = places_[offer.node];
  change(p, [&] {
    p.most = offer.most;
    p.address = address;
  });
  p.handle = handle;
  p.egress = offer.egress;
  farthest_ = std::max(farthest_, offer.latency);
}

void places::remove(const std::string& node) {
  awaited_.erase(node);
  auto found = places_.find(node);
  if (found == places_.end()) return;
  change(found->second, [&] { found->second.most = 0; });
  if (found->second.under_way == 0) places_.erase(found);
}

bool places::any() const {
  return std::any_of(places_.begin(), places_.end(),
                     [](const auto& p) { return p.second.most > 0; });
}

/// A place that has not answered yet counts as quick as the quickest, so that it is tried.
const std::string& places::take(std::uint32_t address) {
  double quickest = 0;
  for (const auto& [name, p] : places_)
    if (p.mean_s > 0 && (quickest == 0 || p.mean_s < quickest)) quickest = p.mean_s;
  auto work_before = [&](const place& p) {
    return (p.under_way + 1) * (p.mean_s > 0 ? p.mean_s : quickest > 0 ? quickest : 1) / p.most;
  };
  auto best = places_.end();
  for (auto p = places_.begin(); p != places_.end(); ++p)
    if (p->second.free() > 0 && p->second.address == address &&
        (best == places_.end() || work_before(p->second) < work_before(best->second)))
      best = p;
  change(best->second, [&] { ++best->second.under_way; });
  return best->first;
}

void places::ended(const std::string& node, double service_s) {
  auto found = places_.find(node);
  if (found == places_.end()) return;
  auto& p = found->second;
  change(p, [&] { p.under_way -= p.under_way > 0; });
  if (p.most == 0 && p.under_way == 0) {
    places_.erase(found);
    return;
  }
  if (service_s > 0)
    p.mean_s = p.mean_s == 0 ? service_s : p.mean_s + learning * (service_s - p.mean_s);
}

}  // namespace assay::actors
