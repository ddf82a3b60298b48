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

void places::set(const node_offer& offer, const place_actor& handle) {
  awaited_.erase(offer.node);
  auto& p = places_[offer.node];
  free_ -= p.free();
  p.most = offer.most;
  free_ += p.free();
  p.handle = handle;
  farthest_ = std::max(farthest_, offer.latency);
}

void places::remove(const std::string& node) {
  awaited_.erase(node);
  auto found = places_.find(node);
  if (found == places_.end()) return;
  free_ -= found->second.free();
  found->second.most = 0;
  if (found->second.under_way == 0) places_.erase(found);
}

bool places::any() const {
  return std::any_of(places_.begin(), places_.end(),
                     [](const auto& p) { return p.second.most > 0; });
}

/// A place that has not answered yet counts as quick as the quickest, so that it is tried.
const std::string& places::take() {
  double quickest = 0;
  for (const auto& [name, p] : places_)
    if (p.mean_s > 0 && (quickest == 0 || p.mean_s < quickest)) quickest = p.mean_s;
  auto work_before = [&](const place& p) {
    return (p.under_way + 1) * (p.mean_s > 0 ? p.mean_s : quickest > 0 ? quickest : 1) / p.most;
  };
  auto best = places_.end();
  for (auto p = places_.begin(); p != places_.end(); ++p)
    if (p->second.free() > 0 &&
        (best == places_.end() || work_before(p->second) < work_before(best->second)))
      best = p;
  ++best->second.under_way;
  --free_;
  return best->first;
}

void places::ended(const std::string& node, double service_s) {
  auto found = places_.find(node);
  if (found == places_.end()) return;
  auto& p = found->second;
  free_ -= p.free();
  p.under_way -= p.under_way > 0;
  free_ += p.free();
  if (p.most == 0 && p.under_way == 0) {
    places_.erase(found);
    return;
  }
  if (service_s > 0)
    p.mean_s = p.mean_s == 0 ? service_s : p.mean_s + learning * (service_s - p.mean_s);
}

}  // namespace assay::actors
